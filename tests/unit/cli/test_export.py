"""What ``pskd export`` prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_bundles import gravity_bundle

from pskd.cli import export


@pytest.mark.parametrize("protocol", ["cross-subject", "\x1b[2Jmade\nup"])
def test_a_bundle_is_copied_and_its_words_do_not_steer_the_terminal(tmp_path: Path, protocol: str) -> None:
    bundle = gravity_bundle(tmp_path / "bundle")
    manifest = bundle / "bundle.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "protocol": protocol, "accuracy": 0.5}))
    out = tmp_path / "copies" / "student"
    done = CliRunner().invoke(export.command, [str(bundle), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert (out / "student.onnx").is_file()
    assert "\x1b" not in done.output and "50.0 %" in done.output.splitlines()[-1]
