"""Makes the source tree's package importable and gives the tests a way to compare conversions with onnxruntime."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
for folder in (ROOT / "python", ROOT / "regression"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
