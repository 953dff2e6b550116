"""bmodel_dis.py: the native bmodel_dis under its second name."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

NAME = "bmodel_dis"


def main(argv: Sequence[str] | None = None) -> int:
    """Becomes the native program; returns only when it is not installed."""
    installed = Path(sysconfig.get_path("scripts")) / NAME
    program = str(installed) if installed.exists() else shutil.which(NAME)
    if program is None:
        print(f"{NAME}.py: error: the program {NAME} is not installed", file=sys.stderr)
        return 1
    os.execv(program, [program, *(sys.argv[1:] if argv is None else argv)])


if __name__ == "__main__":
    sys.exit(main())
