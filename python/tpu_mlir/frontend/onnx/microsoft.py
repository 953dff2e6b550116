"""Operators of onnxruntime (domain com.microsoft) that exporters and its optimizer make, written as operators of the
standard, so that types, constants and converters are those of the standard. One small function per operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from onnx import NodeProto, helper

from .graph import TensorInfo
from .writer import Writer

MICROSOFT = "com.microsoft"

Information = Callable[[str], TensorInfo]
"""What is known of a tensor by its name."""

Values = Callable[[str], "np.ndarray | None"]
"""The value of a constant by its name, None for other tensors."""

OPSET = 23
"""The operator set of the standard in which the replacements are written."""


class Contribution(Writer):
    """The nodes in place of an operator of onnxruntime."""

    def __init__(self, source: NodeProto, info: Information, value: Values) -> None:
        super().__init__(source)
        self.info = info
        self.value = value

    def shape(self, index: int) -> tuple[int, ...]:
        """The shape of an input, which must be known."""
        shape = self.info(self.input(index)).shape
        if shape is None:
            self.refuse(f"the shape of '{self.input(index)}' is not known before the network runs")
        return shape

    def number(self, value: float) -> str:
        """The name of a constant of the element type that the first input has."""
        kind = helper.tensor_dtype_to_np_dtype(self.info(self.input(0)).element or 1)
        return self.constant(np.asarray(value).astype(kind))

    def known(self, index: int, what: str) -> np.ndarray:
        """The value of an input that must be constant."""
        value = self.value(self.input(index))
        if value is None:
            self.refuse(f"{what} ('{self.input(index)}') is not constant")
        return value

    def only(self, *indices: int) -> None:
        """Refuses outputs other than these."""
        for index, name in enumerate(self.source.output):
            if name and index not in indices:
                self.refuse(f"its output '{name}' cannot be computed")

    def plain(self, *names: str) -> dict[str, object]:
        """The stated ones of these attributes."""
        return {name: value for name in names if (value := self.attr(name)) is not None}


_STANDARD_SINCE = {"LayerNormalization": 17}
"""Operators of the table that newer operator sets of the standard have."""

Write = Callable[[Contribution], None]
_TABLE: dict[tuple[str, str], Write] = {}


def contributed(*op_types: str, domain: str = MICROSOFT) -> Callable[[Write], Write]:
    """Registers how operators are written."""

    def register(write: Write) -> Write:
        for op_type in op_types:
            _TABLE[domain, op_type] = write
        return write

    return register


def written(
    node: NodeProto, domain: str, info: Information, value: Values, opset: int
) -> tuple[list[NodeProto], int] | None:
    """The replacement of a node and its operator set; None for other operators. info, value: what is known of
    tensors, opset: that of the standard."""
    write = _TABLE.get((domain, node.op_type))
    if write is None or (not domain and opset >= _STANDARD_SINCE.get(node.op_type, OPSET + 1)):
        return None
    writer = Contribution(node, info, value)
    write(writer)
    return writer.nodes, OPSET


def microsoft_table() -> list[tuple[str, str]]:
    """Domain and type of the operators that are written here."""
    return list(_TABLE)


# activations


@contributed("Gelu")
def _gelu(w: Contribution) -> None:
    w.finish("Gelu", [w.input(0)])


@contributed("FastGelu")
def _fast_gelu(w: Contribution) -> None:
    source = w.step("Add", [w.input(0), w.input(1)]) if w.input(1) else w.input(0)
    w.finish("Gelu", [source], approximate="tanh")


@contributed("BiasGelu")
def _bias_gelu(w: Contribution) -> None:
    w.finish("Gelu", [w.step("Add", [w.input(0), w.input(1)])])


@contributed("QuickGelu")
def _quick_gelu(w: Contribution) -> None:
    alpha, source = float(w.attr("alpha", 1.702)), w.input(0)
    scaled = source if alpha == 1 else w.step("Mul", [source, w.number(alpha)])
    w.finish("Mul", [source, w.step("Sigmoid", [scaled])])


# normalizations


@contributed("LayerNormalization", domain=MICROSOFT)
@contributed("LayerNormalization", domain="")
def _layer_normalization(w: Contribution) -> None:
    """onnxruntime puts it into the standard's domain in operator sets that do not have it yet."""
    _normalize(w, "LayerNormalization", list(w.source.input), [0, 1, 2])


@contributed("SimplifiedLayerNormalization", domain=MICROSOFT)
@contributed("SimplifiedLayerNormalization", domain="")
def _simplified_layer_normalization(w: Contribution) -> None:
    w.only(0)
    _normalize(w, "RMSNormalization", [w.input(0), w.input(1)], [0])


def _normalize(w: Contribution, op_type: str, inputs: Sequence[str], outputs: Sequence[int]) -> None:
    attributes = {"epsilon": float(w.attr("epsilon", 1e-5)), "axis": int(w.attr("axis", -1))}
    names = [w.source.output[index] if w.wants(index) else "" for index in outputs]
    while names and not names[-1]:
        names.pop()
    w.nodes.append(helper.make_node(op_type, list(inputs), names, name=f"{w.prefix}/{op_type}", **attributes))


def _skip(w: Contribution, bias: int) -> str:
    """The sum of input, skip connection and bias, which is an output too."""
    total = w.step("Add", [w.input(0), w.input(1)])
    if w.input(bias):
        total = w.step("Add", [total, w.input(bias)])
    if w.wants(3):
        w.finish("Identity", [total], 3)
    return total


@contributed("SkipLayerNormalization")
def _skip_layer_normalization(w: Contribution) -> None:
    total = _skip(w, 4)
    inputs = [total, w.input(2), w.input(3)] if w.input(3) else [total, w.input(2)]
    w.only(0, 1, 2, 3)
    attributes = {"epsilon": float(w.attr("epsilon", 1e-12)), "axis": -1}
    names = [w.source.output[index] if w.wants(index) else "" for index in range(3)]
    w.nodes.append(helper.make_node("LayerNormalization", inputs, names, name=f"{w.prefix}/norm", **attributes))


@contributed("SkipSimplifiedLayerNormalization")
def _skip_simplified_layer_normalization(w: Contribution) -> None:
    w.only(0, 3)
    w.finish("RMSNormalization", [_skip(w, 3), w.input(2)], epsilon=float(w.attr("epsilon", 1e-12)), axis=-1)


@contributed("EmbedLayerNormalization")
def _embed_layer_normalization(w: Contribution) -> None:
    """Words, positions and segments looked up, added and normalized; the number of tokens that the mask leaves."""
    batch, length = w.shape(0)
    if w.input(8):
        positions = w.step("Gather", [w.input(3), w.input(8)])
    else:
        positions = w.step("Slice", [w.input(3), w.ints(0), w.ints(length), w.ints(0)])
    total = w.step("Add", [w.step("Gather", [w.input(2), w.input(0)]), positions])
    if w.input(1) and w.input(4):
        total = w.step("Add", [total, w.step("Gather", [w.input(4), w.input(1)])])
    if w.wants(2):
        w.finish("Identity", [total], 2)
    w.finish("LayerNormalization", [total, w.input(5), w.input(6)], epsilon=float(w.attr("epsilon", 1e-12)), axis=-1)
    if w.wants(1):
        if w.input(7):
            w.finish("ReduceSum", [w.input(7), w.ints(1)], 1, keepdims=0)
        else:
            w.finish("Identity", [w.constant(np.zeros(batch, np.int32))], 1)


@contributed("BiasSoftmax")
def _bias_softmax(w: Contribution) -> None:
    shape, bias = w.shape(0), w.shape(1)
    axis = int(w.attr("axis", 1)) % max(len(shape), 1)
    if np.prod(shape[axis + 1 :]) != 1:
        w.refuse(f"one softmax over several axes of the shape {list(shape)} is not supported; use the last axis")
    if np.prod(bias[:-1], dtype=int) != 1 and bias[:-1] != shape[:-1] and not w.attr("is_inner_broadcast", 1):
        w.refuse(f"a bias of shape {list(bias)} in blocks of rows is not supported")
    w.finish("Softmax", [w.step("Add", [w.input(0), w.input(1)])], axis=axis)


# products


@contributed("FusedMatMul", "TransposeMatMul")
def _fused_matmul(w: Contribution) -> None:
    operands = []
    for index, letter in ((0, "A"), (1, "B")):
        rank, name = len(w.shape(index)), w.input(index)
        if w.attr(f"transBatch{letter}", 0) and rank > 2:
            name = w.step("Transpose", [name], perm=[*range(1, rank - 1), 0, rank - 1])
        if w.attr(f"trans{letter}", 0) and rank > 1:
            name = w.step("Transpose", [name], perm=[*range(rank - 2), rank - 1, rank - 2])
        operands.append(name)
    _scaled(w, "MatMul", operands, float(w.attr("alpha", 1.0)))


def _scaled(w: Contribution, op_type: str, operands: Sequence[str], factor: float) -> None:
    if factor == 1.0:
        w.finish(op_type, operands)
    else:
        w.finish("Mul", [w.step(op_type, operands), w.number(float(factor))])


def _activated(w: Contribution, source: str) -> None:
    """The fused activation; its parameters are a list or have names."""
    kind = w.attr("activation", "")
    values = [float(value) for value in w.attr("activation_params", [])]
    alpha = values[0] if values else w.attr("activation_alpha")
    beta = values[1] if len(values) > 1 else w.attr("activation_beta")
    given = {name: float(value) for name, value in (("alpha", alpha), ("beta", beta)) if value is not None}
    if not kind:
        w.finish("Identity", [source])
    elif kind in ("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign"):
        w.finish(kind, [source])
    elif kind in ("LeakyRelu", "Elu", "HardSigmoid", "ThresholdedRelu"):
        w.finish(kind, [source], **given)
    elif kind == "Clip" and len(values) == 2:
        limits = [w.number(float(value)) for value in values]
        w.finish("Clip", [source, *limits])
    else:
        w.refuse(f"its activation '{kind}' is not known")


@contributed("FusedConv")
def _fused_conv(w: Contribution) -> None:
    names = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    inputs = [w.input(0), w.input(1)] + ([w.input(2)] if w.input(2) else [])
    result = w.step("Conv", inputs, **w.plain(*names))
    _activated(w, w.step("Add", [result, w.input(3)]) if w.input(3) else result)


@contributed("FusedGemm")
def _fused_gemm(w: Contribution) -> None:
    inputs = [w.input(0), w.input(1)] + ([w.input(2)] if w.input(2) else [])
    _activated(w, w.step("Gemm", inputs, **w.plain("alpha", "beta", "transA", "transB")))


@contributed("GridSample")
def _grid_sample(w: Contribution) -> None:
    words = {"bilinear": "linear", "bicubic": "cubic", "nearest": "nearest"}
    mode = w.attr("mode", "bilinear")
    if mode not in words:
        w.refuse(f"its mode '{mode}' is not known")
    w.finish("GridSample", [w.input(0), w.input(1)], mode=words[mode], **w.plain("padding_mode", "align_corners"))


@contributed("Trilu")
def _trilu(w: Contribution) -> None:
    w.finish("Trilu", [name for name in (w.input(0), w.input(1)) if name], **w.plain("upper"))


@contributed("MatMulNBits")
def _matmul_of_bits(w: Contribution) -> None:
    """A constant right matrix in blocks of few bits, each with a scale and a zero point, as floats."""
    columns, rows = int(w.attr("N", 0)), int(w.attr("K", 0))
    bits, block = int(w.attr("bits", 4)), int(w.attr("block_size", 32))
    if bits not in (2, 4, 8) or block < 1 or w.input(4):
        w.refuse(f"{bits} bits in blocks of {block} or groups of rows are not supported")
    blocks = -(-rows // block)
    packed = w.known(1, "its matrix").reshape(columns, blocks, -1).astype(np.uint8)
    integers = _unpacked(packed, bits)[:, :, :block].astype(np.float32)
    zero = np.full((columns, blocks), 2.0 ** (bits - 1), np.float32)
    if w.input(3):
        given = w.known(3, "its zero points")
        flat = given.reshape(columns, -1)
        zero = _unpacked(flat, bits)[:, :blocks] if given.dtype == np.uint8 else flat
    scale = w.known(2, "its scales").astype(np.float32).reshape(columns, blocks, 1)
    real = ((integers - zero.astype(np.float32).reshape(columns, blocks, 1)) * scale).reshape(columns, -1)[:, :rows]
    kind = helper.tensor_dtype_to_np_dtype(w.info(w.input(0)).element or 1)
    product = w.step("MatMul", [w.input(0), w.constant(np.ascontiguousarray(real.T).astype(kind))])
    _plus(w, product, 5)


def _unpacked(packed: np.ndarray, bits: int) -> np.ndarray:
    """Values of a few bits each, the lowest ones of a byte first, along the last axis."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    parts = (packed[..., None] >> shifts) & np.uint8(2**bits - 1)
    return np.asarray(parts.reshape(*packed.shape[:-1], -1))


# integers


@contributed("MatMulIntegerToFloat")
def _matmul_integer_to_float(w: Contribution) -> None:
    left = w.step("DequantizeLinear", [w.input(0), w.input(2), w.input(4)])
    right = _right_real(w, 1, 3, 5)
    _plus(w, w.step("MatMul", [left, right]), 6)


@contributed("DynamicQuantizeMatMul")
def _dynamic_quantize_matmul(w: Contribution) -> None:
    names = [f"{w.prefix}/{word}" for word in ("integers", "scale", "zero")]
    w.nodes.append(helper.make_node("DynamicQuantizeLinear", [w.input(0)], names, name=f"{w.prefix}/quantize"))
    left = w.step("DequantizeLinear", names)
    _plus(w, w.step("MatMul", [left, _right_real(w, 1, 2, 3)]), 4)


def _right_real(w: Contribution, value: int, scale: int, zero: int) -> str:
    """The real values of a right matrix with scales per column or for all."""
    inputs = [w.input(value), w.input(scale)] + ([w.input(zero)] if w.input(zero) else [])
    return w.step("DequantizeLinear", inputs, axis=-1)


def _plus(w: Contribution, product: str, bias: int) -> None:
    if w.input(bias):
        w.finish("Add", [product, w.input(bias)])
    else:
        w.finish("Identity", [product])
