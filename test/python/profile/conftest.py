"""Helpers of these tests are imported by their names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A headless Chromium; the test is skipped where there is none."""
    from chromium import Browser, find

    program = find()
    if program is None:
        pytest.skip("no Chromium is installed (apt-get install chromium-headless-shell)")
    opened = Browser(program, tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()
