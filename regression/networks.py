"""The networks of the benchmark and the network tests: made once by models/models.py into a cache folder.

Only lenet, which is trained on real data, is committed; the others have seeded random weights and are cheap to make,
but need PyTorch (`pip install tpu_mlir[torch]`).
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NETWORKS = ["lenet", "resnet18", "resnet50", "mobilenet_v2", "squeezenet", "yolov5s_320", "unet"]


def cache_folder() -> Path:
    """Where made networks are kept: TPU_MLIR_NETWORKS, or the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tpu-mlir-networks"
    return Path(os.environ.get("TPU_MLIR_NETWORKS", default))


def can_make_networks() -> bool:
    """Whether PyTorch is installed here."""
    return importlib.util.find_spec("torch") is not None


def ensure_network(name: str) -> Path:
    """The folder with NAME.onnx, in.npz, ref.npz and meta.json; makes them when they are not there yet.

    Raises RuntimeError when PyTorch is missing or the builder fails.
    """
    if name == "lenet":
        return ROOT / "models" / "lenet"
    folder = cache_folder() / name
    if (folder / "meta.json").exists():
        return folder
    if not can_make_networks():
        raise RuntimeError(f"network {name} has to be made first, which needs PyTorch: pip install torch==2.13.0")
    cache_folder().mkdir(parents=True, exist_ok=True)
    # Several tests may want the same network at once: each makes its own, and the first one to finish is kept.
    with tempfile.TemporaryDirectory(dir=cache_folder()) as work:
        command = [sys.executable, str(ROOT / "models" / "models.py"), work, name]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"building network {name} failed:\n{done.stderr[-2000:]}")
        try:
            (Path(work) / name).rename(folder)
        except OSError:
            if not (folder / "meta.json").exists():
                raise
    return folder
