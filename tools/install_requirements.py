"""Installs the dependencies that pyproject.toml names, without building the project: install_requirements.py EXTRA,…"""

import subprocess
import sys
import tomllib
from pathlib import Path


def requirements(extras: list[str]) -> list[str]:
    """The project's dependencies and those of the given extras, as requirement strings."""
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    found = list(project["dependencies"])
    for extra in extras:
        found += project.get("optional-dependencies", {}).get(extra, [])
    return found


if __name__ == "__main__":
    wanted = requirements([extra for extra in sys.argv[1].split(",") if extra])
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "-q", *wanted]))
