"""The digits network from ONNX to simulated bmodels in every mode, with the bounds of regression/digits.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODES = ["F32", "F16", "BF16", "INT8", "INT8_ASYM", "MIXED"]

pytestmark = pytest.mark.network


def test_every_mode_stays_within_its_bounds(tmp_path):
    paths = [str(ROOT / "python"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    command = [sys.executable, str(ROOT / "regression" / "digits.py"), "--out", str(tmp_path / "digits")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = dict(re.findall(r"^(\w+) +(\d+\.\d+) +\d\.\d+ ", done.stdout, re.MULTILINE))
    assert list(found) == MODES
    assert float(found["MIXED"]) >= float(found["INT8"])
