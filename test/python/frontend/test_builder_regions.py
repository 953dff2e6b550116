"""Branches and loops through the graph builder: the module and PyTorch agree; constants stand where all see them."""

from __future__ import annotations

import numpy as np
import pytest
from reference_builder import ReferenceBuilder
from tpu_mlir import pipelines
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.frontend.builder import GraphBuilder, InputSpec, TopModuleBuilder
from tpu_mlir.frontend.emit import Emission, NodeEmitter, Tensor
from tpu_mlir.frontend.rehearsal import RehearsalBuilder

X = np.linspace(-2, 2, 6, dtype=np.float32).reshape(2, 3)


class Emitter(NodeEmitter):
    """Names of ops begin with "t"."""

    prefix = "t"


def build(builder: GraphBuilder, trips: int) -> None:
    """A loop whose body takes branches; both use values from outside and make weights of their own."""
    x, q = builder.start([InputSpec("x", (2, 3), "f32", {}), InputSpec("q", (1,), "f32", {})])
    emit = Emitter(Emission(builder))
    source, switch = Tensor(x, (2, 3), "x"), Tensor(q, (1,), "q")
    doubled = emit.step("doubled", "MulConst", [source], (2, 3), const_val=2.0)

    def body(given: list[Tensor]) -> list[Tensor]:
        iteration, condition, value = given

        def taken(_: list[Tensor]) -> list[Tensor]:
            offset = emit.own_weight("offset", np.arange(3, dtype=np.float32))
            return [emit.step("taken", "Add", [[value, offset]], (2, 3))]

        def otherwise(_: list[Tensor]) -> list[Tensor]:
            return [emit.step("otherwise", "Add", [[value, iteration]], (2, 3))]

        name = emit.emission.unique("t_chosen")
        chosen = emit.emit_nested([name], "If", [switch], [(2, 3)], [((), taken), ((), otherwise)])[0]
        following = emit.step("following", "Mul", [[chosen, doubled]], (2, 3))
        return [condition, following, chosen]

    count = emit.own_weight("count", np.array([trips], np.float32))
    results = emit.emit_nested(
        ["last", "all"],
        "Loop",
        [count, emit.none, [source]],
        [(2, 3), (trips, 2, 3)],
        [([(1,), (1,), (2, 3)], body)],
    )
    scale = emit.own_weight("scale", np.full(3, 0.5, np.float32))
    scaled = emit.step("scaled", "Mul", [[results[0], scale]], (2, 3))
    builder.finish([scaled.handle, results[1].handle])


@pytest.mark.parametrize("switch", [0.0, 1.0])
@pytest.mark.parametrize("passes", [["shape-infer"], ["shape-infer", "canonicalize", "extra-optimize"]])
def test_regions_mean_the_same_to_both_builders(switch: float, passes: list[str]) -> None:
    feeds = {"x": X, "q": np.full(1, switch, np.float32)}
    reference = ReferenceBuilder(feeds)
    build(reference, 3)
    builder = TopModuleBuilder("net", "ONNX")
    build(builder, 3)
    module = builder.loaded()
    pipelines.run(module, passes)
    found = ModuleInterpreter(module).run(feeds)
    for array, expected in zip(found.in_order(), reference.results, strict=True):
        np.testing.assert_allclose(array, expected, rtol=1e-6)


def test_weights_stand_before_the_op_that_uses_them() -> None:
    builder = TopModuleBuilder("net", "ONNX")
    build(builder, 2)
    function = builder.module.body.operations[0]
    kinds = [op.operation.name for op in function.regions[0].blocks[0].operations]
    assert kinds.count("top.Weight") == 3  # count and scale outside, offset of the branch
    assert kinds.index("top.Loop") > kinds.index("top.Weight")
    assert "top.Weight" not in str(function.regions[0].blocks[0].operations[kinds.index("top.Loop")])


def test_a_rehearsal_goes_through_all_bodies() -> None:
    visited = []

    class Watching(RehearsalBuilder):
        def op(self, kind, operands, attributes, name, element="f32"):
            visited.append(name)

    build(Watching(), 2)
    assert {"t_taken", "t_otherwise", "t_following"} <= set(visited)
