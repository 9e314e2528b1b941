"""Is this ONNX file only a plain network? A bundle comes from other people, so it is looked at before it is run."""

from __future__ import annotations

from typing import Any

from pskd.errors import BadFile

MAX_NODES = 5_000
_DOMAINS = {"", "ai.onnx"}


def check_onnx(content: bytes, path: object) -> None:
    """Refuse what a small network has no need of: data in other files, loops, foreign operators.

    Args:
        content: the file.
        path: its name, for the message.

    Raises:
        BadFile: it is not ONNX, or holds one of these.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError as error:
        raise BadFile(path, "it is not an ONNX network", code="bundle.onnx") from error
    if not model.graph.node:
        raise BadFile(path, "it is not an ONNX network", code="bundle.onnx")
    if len(model.graph.node) > MAX_NODES:
        raise BadFile(path, f"it has more than {MAX_NODES} operators", code="bundle.onnx")
    if any(entry.domain not in _DOMAINS for entry in model.opset_import):
        raise BadFile(path, "it wants operators that do not belong to ONNX itself", code="bundle.onnx")
    if model.functions:
        raise BadFile(path, "it brings functions of its own", code="bundle.onnx")
    _check_graph(model.graph, path)


def _check_graph(graph: Any, path: object) -> None:
    attributes = [attribute for node in graph.node for attribute in node.attribute]
    if any(attribute.HasField("g") or attribute.graphs for attribute in attributes):
        raise BadFile(path, "it holds loops or branches", code="bundle.onnx")
    tensors = [*graph.initializer]
    tensors += [part for sparse in graph.sparse_initializer for part in (sparse.values, sparse.indices)]
    for attribute in attributes:
        tensors += [attribute.t, *attribute.tensors, attribute.sparse_tensor.values, attribute.sparse_tensor.indices]
        for sparse in attribute.sparse_tensors:
            tensors += [sparse.values, sparse.indices]
    if any(tensor.external_data or tensor.data_location for tensor in tensors):
        raise BadFile(path, "it keeps its weights in another file", code="bundle.external")
