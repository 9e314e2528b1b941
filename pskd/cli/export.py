"""``pskd export RUN --out DIR``: the run's student as a bundle of its own, checked on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from pskd.cli.printable import printable


@click.command("export", short_help="Write a run's student as a bundle.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder to write; made where it is missing."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def command(run: Path, out: Path, as_json: bool) -> None:
    """Write the student of RUN (a run's folder or a bundle) to a folder that needs nothing else.

    The bundle holds weights, ONNX, preprocessing, classes, calibration, checksums and model card. Before it is
    written, ONNX Runtime is compared with the weights.
    """
    from pskd.export.bundle import copy_bundle, find_bundle, read_bundle
    from pskd.export.verify import verify

    bundle = read_bundle(find_bundle(run))
    difference = verify(bundle)
    out.parent.mkdir(parents=True, exist_ok=True)
    copy_bundle(bundle, out)
    manifest = bundle.manifest
    facts: dict[str, Any] = {
        "out": str(out),
        "files": {name: entry.bytes for name, entry in sorted(manifest.files.items())},
        "classes": manifest.classes,
        "model": manifest.model,
        "parameters": manifest.parameters,
        "sensor": msgspec.to_builtins(manifest.sensor),
        "calibration": msgspec.to_builtins(manifest.calibration),
        "protocol": manifest.protocol,
        "accuracy": manifest.accuracy,
        "parity": manifest.parity if difference is None else difference,
        "parity_checked": difference is not None,
    }
    if as_json:
        click.echo(msgspec.json.encode(facts).decode())
    else:
        for line in _lines(facts):
            click.echo(printable(line))  # the model's name and the protocol stand in the bundle, whoever wrote it


def _lines(facts: dict[str, Any]) -> list[str]:
    sensor = facts["sensor"]
    checked = "checked now" if facts["parity_checked"] else "when it was made; not a model of this program"
    lines = [
        f"Wrote {facts['out']}.",
        *(f"  {name:<20} {size / 1024:8.1f} KiB" for name, size in facts["files"].items()),
        f"  {len(facts['classes'])} classes, {facts['parameters']} weights ({facts['model'] or 'own network'}), "
        f"window of {sensor['window_samples']} samples at {sensor['rate_hz']:g} Hz.",
        f"  ONNX and weights differ by at most {facts['parity']:.1e} in a logit ({checked}).",
    ]
    if facts["accuracy"] is not None:
        lines.append(f"  Accuracy on its test clips: {100 * facts['accuracy']:.1f} % ({facts['protocol']}).")
    return lines
