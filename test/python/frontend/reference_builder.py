"""A graph builder that evaluates every Top op at once with PyTorch: says what the front end means by each op, without
the compiler. Values are the handles; ``results`` holds the network's outputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from tpu_mlir.frontend.builder import Body, InputSpec, Operand

torch.set_num_threads(1)  # the tensors are small, and the suite forks
Attributes = Mapping[str, Any]
_OPS: dict[str, Callable[..., torch.Tensor]] = {}


def top_op(*kinds: str) -> Callable[[Callable[..., torch.Tensor]], Callable[..., torch.Tensor]]:
    """Registers the evaluation of Top ops; it is called with (operands..., attributes)."""

    def register(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        for kind in kinds:
            _OPS[kind] = function
        return function

    return register


def register_all(functions: Mapping[str, Callable[..., Any]]) -> None:
    """Registers many at once."""
    _OPS.update(functions)


class ReferenceBuilder:
    """Evaluates while the front end converts. feeds: input name -> array."""

    def __init__(self, feeds: Mapping[str, np.ndarray]) -> None:
        self.feeds = feeds
        self.tensors: dict[str, np.ndarray] = {}
        self.emitted: list[tuple[str, str, dict[str, Any]]] = []
        self.weights: dict[str, np.ndarray] = {}
        self.scales: dict[str, Sequence[float] | None] = {}
        self.results: list[np.ndarray] = []

    def start(self, inputs: Sequence[InputSpec]) -> list[torch.Tensor]:
        return [
            torch.from_numpy(np.asarray(self.feeds[spec.name]).astype(np.float32)).reshape(spec.shape)
            for spec in inputs
        ]

    def none(self) -> None:
        return None

    def weight(self, name: str, array: np.ndarray, scales: Sequence[float] | None = None) -> torch.Tensor:
        assert array.dtype == np.float32 and array.ndim >= 1 and name not in self.weights
        self.weights[name] = array
        self.scales[name] = scales
        return torch.from_numpy(np.array(array))

    def op(
        self, kind: str, operands: Sequence[Operand], attributes: Attributes, name: str, element: str = "f32"
    ) -> torch.Tensor:
        assert name not in self.tensors, f"two ops are called {name}"
        result = _OPS[kind](*operands, {**attributes, "element": element} if element != "f32" else dict(attributes))
        self.emitted.append((kind, name, dict(attributes)))
        self.tensors[name] = result.numpy()
        return result.float()

    def ops(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Attributes,
        names: Sequence[str | None],
        variadic: bool = False,
    ) -> list[torch.Tensor]:
        """An op with several results; its function gives a sequence of them."""
        results = list(_OPS[kind](*operands, {**attributes, "results": len(names)}))
        for name, result in zip(names, results, strict=True):
            if name is not None:
                assert name not in self.tensors, f"two ops are called {name}"
                self.emitted.append((kind, name, dict(attributes)))
                self.tensors[name] = result.numpy()
        return results

    def nested(
        self,
        kind: str,
        operands: Sequence[Any],
        attributes: Attributes,
        names: Sequence[str],
        bodies: Sequence[Body],
    ) -> list[torch.Tensor]:
        """Runs the branch that is taken, or the body as often as the loop asks for."""
        self.emitted.append((kind, names[0], dict(attributes)))
        if kind == "If":
            results = list(bodies[0 if operands[0].item() else 1].build([]))
        else:
            results = self._looped(*operands, bodies[0], len(names))
        for name, result in zip(names, results, strict=True):
            assert name not in self.tensors, f"two ops are called {name}"
            self.tensors[name] = result.numpy()
        return results

    def _looped(
        self, trips: Any, condition: Any, initial: Sequence[torch.Tensor], body: Body, count: int
    ) -> list[torch.Tensor]:
        carried, collected = list(initial), [[] for _ in range(count - len(initial))]
        most = math.inf if trips is None else trips.item()
        going, iteration = torch.ones(1) if condition is None else condition, 0
        while iteration < most and (condition is None or going.item()):
            going, *values = body.build([torch.full((1,), float(iteration)), going, *carried])
            carried = values[: len(initial)]
            for parts, value in zip(collected, values[len(initial) :], strict=True):
                parts.append(value)
            iteration += 1
        return carried + [torch.stack(parts) for parts in collected]

    def finish(self, outputs: Sequence[torch.Tensor]) -> None:
        self.results = [value.numpy() for value in outputs]


def _unary(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    return lambda x, a: function(x)


for _kind, _function in {
    "Tanh": torch.tanh,
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Rsqrt": torch.rsqrt,
    "Abs": torch.abs,
    "Ceil": torch.ceil,
    "Floor": torch.floor,
    "Round": torch.round,
    "Sign": torch.sign,
    "Sin": torch.sin,
    "Cos": torch.cos,
    "Erf": torch.erf,
    "SiLU": functional.silu,
    "Mish": functional.mish,
    "Softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "Softsign": functional.softsign,
    "HardSwish": functional.hardswish,
}.items():
    _OPS[_kind] = _unary(_function)

_OPS["Sigmoid"] = lambda x, a: torch.sigmoid(x)
_OPS["LeakyRelu"] = lambda x, a: torch.where(x >= 0, x, x * a["alpha"])
_OPS["Elu"] = lambda x, a: torch.where(x > 0, x, a["alpha"] * torch.expm1(x))
_OPS["HardSigmoid"] = lambda x, a: torch.clamp(a["alpha"] * x + a["beta"], 0, 1)
_OPS["GELU"] = lambda x, a: functional.gelu(x, approximate="tanh" if a["approx_mode"] == "tanh" else "none")
_OPS["Clip"] = lambda x, a: torch.clamp(x, a["min"], a["max"])
_OPS["PRelu"] = lambda x, s, a: torch.where(x >= 0, x, x * s)
_OPS["Reciprocal"] = lambda x, a: a.get("const_val", 1.0) / x
_OPS["AddConst"] = lambda x, a: x + a["const_val"]
_OPS["SubConst"] = lambda x, a: a["const_val"] - x if a.get("is_reverse") else x - a["const_val"]
_OPS["MulConst"] = lambda x, a: x * np.float32(a["const_val"])
_OPS["MaxConst"] = lambda x, a: torch.clamp(x, min=a["const_val"])
_OPS["MinConst"] = lambda x, a: torch.clamp(x, max=a["const_val"])
_OPS["Add"] = lambda xs, a: xs[0] + xs[1]
_OPS["Sub"] = lambda xs, a: xs[0] - xs[1]
_OPS["Mul"] = lambda xs, a: xs[0] * xs[1]
_OPS["Div"] = lambda xs, a: xs[0] / xs[1]
_OPS["Max"] = lambda xs, a: torch.maximum(xs[0], xs[1])
_OPS["Min"] = lambda xs, a: torch.minimum(xs[0], xs[1])
_OPS["MatMul"] = lambda x, y, b, a: torch.matmul(x, y) if b is None else torch.matmul(x, y) + b
_OPS["Permute"] = lambda x, a: x.permute(a["order"]).contiguous()
_OPS["Reshape"] = lambda x, a: x.reshape(a["shape"])
_OPS["Concat"] = lambda xs, a: torch.cat(list(xs), a["axis"])
_OPS["Tile"] = lambda x, a: torch.tile(x, a["tile"])
_OPS["Upsample"] = lambda x, a: x.repeat_interleave(a["scale_h"], 2).repeat_interleave(a["scale_w"], 3)


def _along(x: torch.Tensor, values: Sequence[float], axis: int) -> torch.Tensor:
    shape = [len(values) if place == axis and len(values) > 1 else 1 for place in range(x.dim())]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


@top_op("QuantizeLinear")
def _quantize_linear(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    scale, zero = (_along(x, a[key], a["axis"]) for key in ("y_scale", "y_zero_point"))
    low, high = (-128, 127) if "i8" in a["element"].replace("ui8", "u8") else (0, 255)
    return torch.clamp(torch.round(x / scale) + zero, low, high)


@top_op("DequantizeLinear")
def _dequantize_linear(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    return (x - _along(x, a["x_zero_point"], a["axis"])) * _along(x, a["x_scale"], a["axis"])


@top_op("Relu")
def _relu(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    limit = a.get("relu_limit", -1.0)
    return torch.clamp(x, min=0) if limit <= 0 else torch.clamp(x, 0, limit)


@top_op("Flatten")
def _flatten(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    return torch.flatten(x, a["start_dim"], a["end_dim"])


@top_op("Squeeze")
def _squeeze(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    shape = [size for axis, size in enumerate(x.shape) if axis not in a["axes"]]
    return x.reshape(shape or [1])


@top_op("Unsqueeze")
def _unsqueeze(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    for axis in sorted(a["axes"]):
        x = x.unsqueeze(axis)
    return x


@top_op("Softmax")
def _softmax(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    return functional.log_softmax(x, a["axis"]) if a.get("log") else functional.softmax(x, a["axis"])


@top_op("LayerNorm")
def _layer_norm(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, a: Attributes) -> torch.Tensor:
    assert list(x.shape[a["axis"] :]) == a["normalized_shape"]
    return functional.layer_norm(x, a["normalized_shape"], w, b, a["eps"])


@top_op("BatchNorm")
def _batch_norm(x: torch.Tensor, mean: torch.Tensor, var: torch.Tensor, g: Any, b: Any, a: Attributes) -> torch.Tensor:
    return functional.batch_norm(x, mean, var, g, b, False, 0.0, a["epsilon"])


@top_op("Scale")
def _scale(x: torch.Tensor, s: torch.Tensor, b: torch.Tensor, a: Attributes) -> torch.Tensor:
    shape = [1, -1] + [1] * (x.dim() - 2)
    return x * s.reshape(shape) + b.reshape(shape)


def _explicit_pad(x: torch.Tensor, pads: Sequence[int], value: float) -> torch.Tensor:
    rank = len(pads) // 2
    widths: list[int] = []
    for axis in range(rank - 1, -1, -1):
        widths += [pads[axis], pads[rank + axis]]
    return functional.pad(x, widths, value=value)


@top_op("Conv")
def _conv(x: torch.Tensor, w: torch.Tensor, b: Any, a: Attributes) -> torch.Tensor:
    function = [functional.conv1d, functional.conv2d, functional.conv3d][x.dim() - 3]
    return function(_explicit_pad(x, a["pads"], 0.0), w, b, a["strides"], 0, a["dilations"], a["group"])


@top_op("Deconv")
def _deconv(x: torch.Tensor, w: torch.Tensor, b: Any, a: Attributes) -> torch.Tensor:
    group, rank = a["group"], x.dim() - 2
    function = [functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d][rank - 1]
    full = function(x, w.transpose(0, 1), None, a["strides"], 0, 0, group, a["dilations"])
    full = _explicit_pad(full, [0] * rank + list(a["output_padding"]), 0.0)
    for axis in range(rank):
        begin, end = a["pads"][axis], a["pads"][rank + axis]
        full = full.narrow(axis + 2, begin, full.shape[axis + 2] - begin - end)
    return full if b is None else full + b.reshape([1, -1] + [1] * rank)


def _pool_window(x: torch.Tensor, a: Attributes) -> tuple[list[int], list[int], list[int]]:
    rank = x.dim() - 2
    kernel = list(a["kernel_shape"]) or list(x.shape[2:])
    return kernel, list(a["strides"]) or [1] * rank, list(a["pads"]) or [0] * (2 * rank)


@top_op("MaxPool")
def _max_pool(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    kernel, strides, pads = _pool_window(x, a)
    function = [functional.max_pool1d, functional.max_pool2d, functional.max_pool3d][x.dim() - 3]
    return function(_explicit_pad(x, pads, -math.inf), kernel, strides)


@top_op("AvgPool")
def _avg_pool(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    kernel, strides, pads = _pool_window(x, a)
    function = [functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d][x.dim() - 3]
    mean = function(_explicit_pad(x, pads, 0.0), kernel, strides)
    if a["count_include_pad"]:
        return mean
    return mean / function(_explicit_pad(torch.ones_like(x), pads, 0.0), kernel, strides)


@top_op("Slice")
def _slice(x: torch.Tensor, o: Any, e: Any, s: Any, a: Attributes) -> torch.Tensor:
    assert o is None and e is None and s is None and a["axes"] == []
    cuts = []
    for offset, end, step, size in zip(a["offset"], a["ends"], a["steps"], x.shape, strict=True):
        assert 0 <= offset <= size and (end >= 0 or (step < 0 and end == -(size + 1)))
        cuts.append(slice(offset, None if end < 0 else end, step))
    return torch.from_numpy(x.numpy()[tuple(cuts)].copy())


@top_op("Pad")
def _pad(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    rank = x.dim()
    widths = [(a["paddings"][axis], a["paddings"][axis + rank]) for axis in range(rank)]
    if a["mode"] == "constant":
        return torch.from_numpy(np.pad(x.numpy(), widths, constant_values=np.float32(a["val"])))
    return torch.from_numpy(np.pad(x.numpy(), widths, mode=a["mode"]))


@top_op("Interp")
def _interp(x: torch.Tensor, target: None, a: Attributes) -> torch.Tensor:
    """Separable linear interpolation with clamped positions."""
    assert a["mode"] == "linear"
    for axis, scale in ((2, a["scale_h"]), (3, a["scale_w"])):
        size = x.shape[axis]
        count = round(size * scale)
        i = torch.arange(count, dtype=torch.float64)
        mode = a["coord_mode"]
        if mode == "align_corners":
            position = i * ((size - 1) / (count - 1)) if count > 1 else i * 0
        elif mode == "asymmetric":
            position = i / scale
        else:
            position = (i + 0.5) / scale - 0.5
            if mode == "pytorch_half_pixel" and count == 1:
                position = i * 0
        position = position.clamp(0, size - 1)
        low = position.floor().long()
        high = (low + 1).clamp(max=size - 1)
        share = (position - low).float().reshape([-1] + [1] * (x.dim() - 1 - axis))
        x = x.index_select(axis, low) * (1 - share) + x.index_select(axis, high) * share
    return x


@top_op("Reduce")
def _reduce(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    axes, keep = tuple(a["axes"]), a["keepdims"]
    function = {
        "ReduceSum": np.sum,
        "ReduceMean": np.mean,
        "ReduceMax": np.max,
        "ReduceMin": np.min,
        "ReduceProd": np.prod,
        "ReduceL1": lambda v, axis, keepdims: np.sum(np.abs(v), axis=axis, keepdims=keepdims),
        "ReduceL2": lambda v, axis, keepdims: np.sqrt(np.sum(v * v, axis=axis, keepdims=keepdims)),
    }[a["mode"]]
    result = np.asarray(function(x.numpy(), axis=axes, keepdims=keep), np.float32)
    assert a.get("is_scalar", False) == (result.ndim == 0)
    return torch.from_numpy(result.reshape(result.shape or (1,)))


@top_op("Depth2Space")
def _depth_to_space(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    n, c, h, w = x.shape
    b, v = a["block_h"], a["block_w"]
    if a["is_inversed"] and a["is_CRD"]:
        return x.reshape(n, c, h // b, b, w // v, v).permute(0, 1, 3, 5, 2, 4).reshape(n, c * b * v, h // b, w // v)
    if a["is_inversed"]:
        return x.reshape(n, c, h // b, b, w // v, v).permute(0, 3, 5, 1, 2, 4).reshape(n, c * b * v, h // b, w // v)
    if a["is_CRD"]:
        return x.reshape(n, c // b // v, b, v, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // b // v, h * b, w * v)
    return x.reshape(n, b, v, c // b // v, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // b // v, h * b, w * v)


import reference_ops  # noqa: E402, F401  the ops of the other families
