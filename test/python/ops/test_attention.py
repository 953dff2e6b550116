"""Attention: heads are the batch of matrix products where they lie, and no tensor is permuted or cut."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import harness
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Attention:
    """Sizes and spelling. joined: one product gives queries, keys and values. turned: keys are permuted with their
    last axes exchanged. mask: values are added to the scores."""

    tokens: int
    heads: int
    width: int
    batch: int = 1
    joined: bool = False
    turned: bool = False
    mask: bool = False

    @property
    def id(self) -> str:
        spelling = [name for name in ("joined", "turned", "mask") if getattr(self, name)]
        return "-".join([f"{self.batch}x{self.tokens}x{self.heads}x{self.width}", *spelling])

    def model(self) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
        """The network and its input."""
        generator = np.random.default_rng(self.tokens)
        features = self.heads * self.width
        nodes: list[onnx.NodeProto] = []
        constants: list[onnx.TensorProto] = []

        def constant(name: str, value: np.ndarray) -> str:
            constants.append(numpy_helper.from_array(value, name))
            return name

        def add(op: str, inputs: list[str], output: str, **attributes: object) -> str:
            nodes.append(helper.make_node(op, inputs, [output], **attributes))
            return output

        def project(name: str, columns: int) -> str:
            weight = (generator.standard_normal((features, columns)) / features**0.5).astype(np.float32)
            bias = generator.standard_normal(columns).astype(np.float32)
            product = add("MatMul", ["x", constant(f"{name}_w", weight)], f"{name}_product")
            return add("Add", [product, constant(f"{name}_b", bias)], f"{name}_sum")

        if self.joined:
            shape = constant("joined_shape", np.array([self.batch, self.tokens, 3, self.heads, self.width]))
            parts = add("Reshape", [project("qkv", 3 * features), shape], "parts")
            parts = add("Transpose", [parts], "turned_parts", perm=[2, 0, 3, 1, 4])
            operands = [
                add("Gather", [parts, constant(f"i{i}", np.array(i, np.int64))], f"part{i}", axis=0) for i in range(3)
            ]
            keys = add("Transpose", [operands[1]], "keys", perm=[0, 1, 3, 2])
            queries, values = operands[0], operands[2]
        else:
            shape = constant("shape", np.array([self.batch, self.tokens, self.heads, self.width]))
            heads = {name: add("Reshape", [project(name, features), shape], f"{name}_heads") for name in "qkv"}
            queries = add("Transpose", [heads["q"]], "queries", perm=[0, 2, 1, 3])
            values = add("Transpose", [heads["v"]], "values", perm=[0, 2, 1, 3])
            if self.turned:
                keys = add("Transpose", [heads["k"]], "keys", perm=[0, 2, 3, 1])
            else:
                rows = add("Transpose", [heads["k"]], "key_rows", perm=[0, 2, 1, 3])
                keys = add("Transpose", [rows], "keys", perm=[0, 1, 3, 2])
        scores = add("MatMul", [queries, keys], "scores")
        scores = add("Mul", [scores, constant("scale", np.array(self.width**-0.5, np.float32))], "scaled")
        if self.mask:
            mask = -4 * (generator.random((1, 1, 1, self.tokens)) > 0.7).astype(np.float32)
            scores = add("Add", [scores, constant("mask", mask)], "masked")
        weights = add("Softmax", [scores], "weights", axis=-1)
        mixed = add("Transpose", [add("MatMul", [weights, values], "mixed")], "mixed_rows", perm=[0, 2, 1, 3])
        add("Reshape", [mixed, constant("flat", np.array([self.batch, self.tokens, features]))], "y")
        extents = [self.batch, self.tokens, features]
        graph = helper.make_graph(
            nodes,
            "attention",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, extents)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", harness.OPSET)], ir_version=8)
        return model, {"x": generator.standard_normal(extents).astype(np.float32)}


CASES = [
    Attention(70, 3, 64, joined=True),
    Attention(33, 2, 20, joined=True),
    Attention(130, 2, 40, batch=2, joined=True),
    Attention(70, 2, 32, turned=True, mask=True),
    Attention(20, 5, 48),
    Attention(300, 4, 64, turned=True),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_attention_without_permutations(case: Attention, mode: str, tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    model, inputs = case.model()
    stages = harness.compile_model(model, inputs, mode, tmp_path)
    harness.assert_close("onnxruntime / Top", stages.top, stages.reference, 1e-4, 1e-4)
    assert "tpu.Permute" in (tmp_path / "model_tpu.mlir").read_text()
    final = (tmp_path / "model_final.mlir").read_text()
    assert "tpu.Permute" not in final and "tpu.Slice" not in final
    assert final.count("hdim_is_batch = true") == 2
    bmodel = BModel(stages.model)
    assert not bmodel.hazards()
    (value,) = bmodel.run(stages.inputs).values()
    size = float(np.abs(stages.tpu[0]).max())
    harness.assert_close("Tpu / bmodel", [value], stages.tpu, 0, 16 * harness.EPSILON[mode] * size)
    np.testing.assert_array_equal(next(iter(bmodel.run(stages.inputs, schedule="tiu").values())), value)
