"""Small PyTorch networks for the front-end tests, through both kinds of files, and their comparison with PyTorch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tpu_mlir import pipelines
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.frontend.torch import convert_torch
from tpu_mlir.frontend.torch.convert import TorchModel

torch.set_num_threads(1)  # the tensors are small

SCRIPT, EXPORT, EAGER = "script", "export", "eager"


class Function(torch.nn.Module):
    """A function as a module; its parameters are those of ``parts``."""

    def __init__(self, function: Callable[..., Any], **parts: torch.nn.Module | torch.Tensor) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            if isinstance(part, torch.nn.Module):
                self.add_module(name, part)
            else:
                self.register_buffer(name, part)
        self.names = list(parts)

    def forward(self, *inputs: torch.Tensor) -> Any:
        """The function of the inputs and the parts."""
        return self.function(*inputs, *(getattr(self, name) for name in self.names))


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randn(shape, generator=generator)


def uniform(*shape: int, low: float = 0.5, high: float = 1.5, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.rand(shape, generator=generator) * (high - low) + low


def integers(*shape: int, high: int = 4, low: int = 0, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randint(low, high, shape, generator=generator)


def save(module: torch.nn.Module, inputs: Sequence[torch.Tensor], kind: str, folder: Path) -> Path:
    """A file of the network."""
    path = folder / ("net.pt2" if kind == EXPORT else "net.pt")
    if kind == EXPORT:
        torch.export.save(torch.export.export(module, tuple(inputs)), path)
    else:
        torch.jit.save(torch.jit.trace(module, tuple(inputs), check_trace=False, strict=False), str(path))
    return path


def convert(module: torch.nn.Module, inputs: Sequence[torch.Tensor], kind: str, **options: Any) -> TorchModel:
    """Through a file, or without one for EAGER."""
    described = {
        "input_shapes": [list(tensor.shape) for tensor in inputs],
        "input_types": [str(tensor.dtype).removeprefix("torch.") for tensor in inputs],
        "directory": None,
    }
    with tempfile.TemporaryDirectory() as folder:
        source = module if kind == EAGER else save(module, inputs, kind, Path(folder))
        return convert_torch(source, "net", **{**described, **options})


def kinds(converted: TorchModel) -> list[str]:
    """The Top ops in order, without inputs and weights."""
    found: list[str] = []
    converted.module().operation.walk(lambda op: found.append(op.name) if op.name.startswith("top.") else None)
    return [name[4:] for name in found if name not in ("top.Input", "top.Weight", "top.None")]


def evaluate(converted: TorchModel, feeds: dict[str, np.ndarray], canonical: bool = True) -> dict[str, np.ndarray]:
    """All tensors of the Top module."""
    module = converted.module()
    pipelines.run(module, pipelines.TRANSFORM if canonical else ("shape-infer",))
    given = {name: feeds[name].astype(np.float32).reshape(shape) for name, shape in converted.inputs.items()}
    return dict(ModuleInterpreter(module).run(given, every_tensor=True).values)


def check(
    function: Callable[..., Any],
    *inputs: torch.Tensor,
    tolerance: float = 2e-5,
    through: Sequence[str] = (SCRIPT, EXPORT),
    canonical: Sequence[bool] = (True,),
    **options: Any,
) -> TorchModel:
    """Converts, evaluates and compares every output with PyTorch's own, and every tensor with the recorded one.

    tolerance: relative to the largest value.
    """
    module = function if isinstance(function, torch.nn.Module) else Function(function)
    module.eval()
    with torch.no_grad():
        expected = torch.utils._pytree.tree_leaves(module(*(tensor.clone() for tensor in inputs)))
    for kind in through:
        for form in canonical:
            converted = convert(module, inputs, kind, **options)
            assert converted.recording is not None
            feeds = {name: tensor.numpy() for name, tensor in zip(converted.recording.inputs, inputs, strict=False)}
            computed = evaluate(converted, feeds, form)
            recorded = converted.run(feeds)
            for name in set(computed) & set(recorded):
                compare(computed[name], recorded[name], tolerance, f"{kind}: {name}")
            if "output_names" not in options:
                assert len(converted.outputs) == len(expected)
                for top, want in zip(converted.outputs.values(), expected, strict=True):
                    compare(computed[top], want.to(torch.float32).numpy(), tolerance, f"{kind}: output {top}")
    return converted


def compare(got: np.ndarray, want: np.ndarray, tolerance: float, what: str) -> None:
    """Shapes and values; infinities must be the same."""
    assert got.shape == (want.shape or (1,)), f"{what}: {got.shape} for {want.shape}"
    finite = want[np.isfinite(want)]
    allowed = tolerance * max(1.0, float(np.abs(finite).max()) if finite.size else 1.0)
    np.testing.assert_allclose(got.reshape(want.shape), want, rtol=0, atol=allowed, err_msg=what)
