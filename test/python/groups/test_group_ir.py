"""Groups in IR: whatever ops a group holds, the module with it computes the same values under the same names, is read
back after printing, and compiles to the same results; an edited module is compiled as it says.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphs import Graph, Step, build
from variants import assert_same_bits, run_checked

WINDOW: dict[str, Any] = {"kernel": (3, 3), "strides": (1, 1), "pads": (1, 1, 1, 1), "average": False, "include": 0}

BRANCHES = Graph(
    ((1, 64, 12, 10),),
    (
        Step("pool", (0,), WINDOW),  # 1
        Step("function", (1,), {"function": "Relu"}),  # 2
        Step("reshape", (2,), {"to": (1, 64, 120, 1)}),  # 3: a view, read below and an output
        Step("function", (3,), {"function": "Abs"}),  # 4
        Step("pool", (2,), {**WINDOW, "strides": (2, 2)}),  # 5
        Step("resize", (5,), {"scales": (2, 2), "mode": "nearest"}),  # 6
        Step("binary", (2, 6), {"function": "Add"}),  # 7
        Step("concat", (7, 2, 1), {"axis": 1}),  # 8
        Step("function", (8,), {"function": "Relu"}),  # 9
        Step("binary", (7, 6), {"function": "Mul"}),  # 10
    ),
    (3, 6),
)
"""Views in and behind groups, a concatenation of what is made in different places, results that are read again."""


def lowered(folder: Path) -> tuple[Path, dict[str, np.ndarray]]:
    """The network in chip types, ordered and ready for layer-group, and its inputs. It has no weights."""
    import onnx
    from tpu_mlir import ir, pipelines
    from tpu_mlir.frontend.onnx import convert_onnx

    model, inputs = build(BRANCHES)
    onnx.save(model, folder / "model.onnx")
    converted = convert_onnx(folder / "model.onnx", "model", directory=folder)
    module = pipelines.load(folder / "model_origin.mlir", ir.Context())
    passes = [*pipelines.Lowering("bm1684x", "F32").passes("weights.npz"), *pipelines.before_groups()]
    pipelines.run(module, [*pipelines.TRANSFORM, *passes], folder / "ordered.mlir")
    return folder / "ordered.mlir", {converted.tensors.get(name, name): array for name, array in inputs.items()}


def grouped(ordered: Path, **options: Any) -> Path:
    """The module with groups and addresses."""
    from tpu_mlir import ir, pipelines

    module = pipelines.load(ordered, ir.Context())
    target = ordered.with_name("final.mlir")
    pipelines.run(module, pipelines.LayerGroups(**options).passes(), target)
    return target


def compiled(final: Path) -> Path:
    from tpu_mlir import ir, pipelines

    model = final.with_suffix(".bmodel")
    pipelines.run(pipelines.load(final, ir.Context()), pipelines.codegen(model))
    return model


def values(path: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module

    return evaluate_module(pipelines.load(path, ir.Context()), inputs, every_tensor=True).values


def plan_of(ordered: Path) -> list[dict[str, Any]]:
    """Every op alone, as plan files have it."""
    cache = ordered.with_name("cache.json")
    grouped(ordered, opt=0, cache=cache)
    return json.loads(cache.read_text())["plan"]["groups"]


def ops_in(text: str) -> Counter[str]:
    return Counter(name for name in re.findall(r'"(tpu\.\w+)"', text) if name not in ("tpu.Reshape",))


def test_any_consecutive_ops_can_stand_in_a_group(tmp_path):
    from tpu_mlir.ir import MLIRError

    ordered, inputs = lowered(tmp_path)
    alone = plan_of(ordered)
    wanted = values(grouped(ordered, opt=0), inputs)
    reference = run_checked(compiled(grouped(ordered, opt=0)), inputs)
    plan, made = tmp_path / "plan.json", 0
    for first in range(len(alone)):
        for end in range(first + 2, len(alone) + 1):
            names = [op for group in alone[first:end] for op in group["ops"]]
            whole = {"ops": names, "nsecs": 1, "hsecs": 1 + made % 3, "wsecs": 1}
            plan.write_text(json.dumps({"groups": [*alone[:first], whole, *alone[end:]]}))
            try:
                final = grouped(ordered, config=plan)
            except MLIRError:
                continue  # an op that cannot be a member, or slices that nothing has
            made += 1
            text = final.read_text()
            members = ops_in(text)
            assert members["tpu.Group"] == members["tpu.Yield"] == 1
            assert sum(members.values()) == len(alone) + 2 + members["tpu.Load"] + members["tpu.Store"]
            found = values(final, inputs)
            assert found.keys() == wanted.keys()
            for name, array in wanted.items():
                np.testing.assert_array_equal(found[name], array, err_msg=f"{name} with {names}")
            assert_same_bits(f"{names} together", run_checked(compiled(final), inputs), reference)
    assert made > 20


def test_compilation_does_what_the_edited_module_says(tmp_path):
    ordered, inputs = lowered(tmp_path)
    alone = plan_of(ordered)
    names = [op for group in alone[:2] for op in group["ops"]]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"groups": [{"ops": names, "hsecs": 2}, *alone[2:]]}))
    final = grouped(ordered, config=plan)
    text = final.read_text()
    first = compiled(final)
    reference, size = run_checked(first, inputs), first.read_bytes()
    final.write_text(text.replace("hsecs = 2", "hsecs = 6"))
    edited = compiled(final)
    assert edited.read_bytes() != size
    assert_same_bits("edited", run_checked(edited, inputs), reference)


def test_ops_without_tiles_get_searched_ones(tmp_path):
    ordered, _ = lowered(tmp_path)
    final = grouped(ordered, opt=0)
    with_tiles = compiled(final).read_bytes()
    text = final.read_text()
    assert text.count("lg_tile") > 5
    final.write_text(re.sub(r'lg_(tile = \[[^]]*\]|order = "\w+"),? ?', "", text))
    assert compiled(final).read_bytes() == with_tiles


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("hsecs = 2", "hsecs = 99", "hsecs is 99; the results have 12 positions along this axis"),
        ("csecs = 1", "csecs = 2", "is cut along c or d"),
        ("hsecs = 2 : i64,", "hsecs = 2 : i64, lg_tile = [1, 64, 12, 10, 1],", "has slices and lg_tile"),
        ("is_adaptive", "lg_channels = 3 : i64, is_adaptive", "has to be a multiple of 64"),
        ("budget = 262144", "budget = 64", "local memory"),
    ],
)
def test_impossible_values_are_one_sentence(tmp_path, old, new, message):
    from tpu_mlir.ir import MLIRError

    ordered, _ = lowered(tmp_path)
    alone = plan_of(ordered)
    names = [op for group in alone[:2] for op in group["ops"]]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"groups": [{"ops": names, "hsecs": 2}, *alone[2:]]}))
    final = grouped(ordered, config=plan)
    text = final.read_text()
    assert old in text
    final.write_text(text.replace(old, new, 1))
    with pytest.raises(MLIRError, match=re.escape(message)):
        compiled(final)


def test_the_list_of_tensors_tells_local_memory(tmp_path):
    ordered, _ = lowered(tmp_path)
    alone = plan_of(ordered)
    plan = tmp_path / "plan.json"
    names = [op for group in alone[:2] for op in group["ops"]]
    plan.write_text(json.dumps({"groups": [{"ops": names, "hsecs": 2}, *alone[2:]]}))
    model = compiled(grouped(ordered, config=plan))
    ops = json.loads(Path(f"{model}.json").read_text())
    load = next(op for op in ops if op["opcode"] == "tpu.Load")
    assert load["is_local"] and load["operands"][0]["memory_type"] == "neuron"
    assert load["results"][0]["memory_type"] == "local" and load["results"][0]["slice"].startswith(
        "[0:1, 0:64, 0:1, 0:"
    )
    store = next(op for op in ops if op["opcode"] == "tpu.Store")
    assert store["operands"][0]["memory_type"] == "local" and store["results"][0]["memory_type"] == "neuron"
    assert not ops[-1]["is_local"]
