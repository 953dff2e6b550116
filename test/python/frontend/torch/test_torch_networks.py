"""The networks of the benchmark that start in PyTorch, through both kinds of files: every tensor of the canonical
module and every output against PyTorch."""

from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch_models import EXPORT, SCRIPT, evaluate, save  # noqa: E402
from tpu_mlir.cli import model_transform  # noqa: E402
from tpu_mlir.frontend.torch import convert_torch  # noqa: E402

MODELS = Path(__file__).resolve().parents[4] / "regression" / "models" / "models.py"
NETWORKS = ["resnet18", "mobilenet_v2", "squeezenet", "yolov5s_320", "unet", "superres", "conv3d", "vit_tiny",
            "bert_mini", "lstm", "gru"]  # fmt: skip
SCRIPTED = ["resnet18", "squeezenet", "lstm"]
"""Whose source TorchScript can compile, and not only trace."""
LARGEST_ERROR = 1e-4
"""Of a tensor, relative to its largest value: two f32 programs that sum in different orders, through many layers."""


@cache
def models() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_models", MODELS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_models"] = module
    spec.loader.exec_module(module)
    return module


@cache
def network(name: str) -> tuple[torch.nn.Module, tuple[torch.Tensor, ...]]:
    """The network with seeded weights and settled statistics, and an input."""
    source = models()
    catalogue: dict[str, Any] = next(
        value for value in vars(source).values() if isinstance(value, dict) and "resnet18" in value
    )
    constructor, make, _, _ = catalogue[name]
    torch.manual_seed(7)
    net = constructor()
    source.randomize(net, 1000 + list(catalogue).index(name))
    generator = np.random.default_rng(5)
    joined = lambda: [torch.cat([a, b]) if a.dim() > 3 else a for a, b in zip(make(generator), make(generator))]  # noqa: B905, E731
    source.settle_batchnorm(net, joined)
    return net.eval(), tuple(make(np.random.default_rng(11)))


def agrees(net: torch.nn.Module, inputs: tuple[torch.Tensor, ...], path: Path, is_script: bool) -> None:
    options: dict[str, Any] = {}
    if is_script:
        options["input_shapes"] = [list(tensor.shape) for tensor in inputs]
        options["input_types"] = [str(tensor.dtype).removeprefix("torch.") for tensor in inputs]
    converted = convert_torch(path, "net", directory=None, **options)
    assert converted.recording is not None
    feeds = {name: tensor.numpy() for name, tensor in zip(converted.recording.inputs, inputs, strict=True)}
    computed, recorded = evaluate(converted, feeds), converted.run(feeds)
    with torch.no_grad():
        wanted = torch.utils._pytree.tree_leaves(net(*inputs))
    expected = {top: want.numpy() for top, want in zip(converted.outputs.values(), wanted, strict=True)}
    common = (set(computed) & set(recorded)) - set(converted.inputs)
    assert len(common) >= 0.4 * len(computed), "too few tensors are comparable"
    for name in common:
        want, got = expected.get(name, recorded[name]), computed[name].reshape(expected.get(name, recorded[name]).shape)
        left, right = got.astype(np.float64).ravel(), want.astype(np.float64).ravel()
        assert left @ right >= 0.99999 * np.linalg.norm(left) * np.linalg.norm(right), name
        assert np.abs(left - right).max() <= LARGEST_ERROR * max(1e-3, np.abs(right).max()), name
    assert set(expected) <= common


@pytest.mark.network
@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
@pytest.mark.parametrize("name", NETWORKS)
def test_network_agrees_with_pytorch(name: str, kind: str, tmp_path: Path) -> None:
    net, inputs = network(name)
    agrees(net, inputs, save(net, inputs, kind, tmp_path), kind == SCRIPT)


@pytest.mark.network
@pytest.mark.parametrize("name", SCRIPTED)
def test_compiled_script_agrees_with_pytorch(name: str, tmp_path: Path) -> None:
    net, inputs = network(name)
    path = tmp_path / "net.pt"
    torch.jit.script(net).save(str(path))
    agrees(net, inputs, path, True)


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
def test_command_compares_every_tensor(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    net, inputs = network("bert_mini")
    path = save(net, inputs, kind, tmp_path)
    monkeypatch.chdir(tmp_path)
    names = ("input_ids", "token_type_ids", "attention_mask")
    np.savez("in.npz", **{name: tensor.numpy() for name, tensor in zip(names, inputs, strict=True)})
    arguments = ["--model_name", "bert", "--model_def", str(path), "--mlir", "bert.mlir", "--test_input", "in.npz"]
    arguments += ["--test_result", "top.npz", "--tolerance", "0.99999,0.999"]
    if kind == SCRIPT:
        shapes = json.dumps([list(tensor.shape) for tensor in inputs])
        arguments += ["--input_shapes", shapes, "--input_types", "int64,int64,int64"]
    assert model_transform.main(arguments) == 0
    assert "PyTorch / Top" in capsys.readouterr().out
