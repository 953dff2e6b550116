"""Branches and loops: evaluation, values from outside, shape inference into regions, and what canonicalization makes of
them where conditions and numbers of iterations are constant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tpu_mlir import ir, pipelines
from tpu_mlir._tpu_mlir import MLIRError
from tpu_mlir.evaluation import ModuleInterpreter

HEAD = (
    'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
    'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {\n'
)
T = "tensor<*xf32>"


def network(folder: Path, arguments: dict[str, str], body: str, results: int, weights: dict[str, object]) -> Path:
    """A module with inputs (name -> shape) and scalar weights; the body returns values without known shapes."""
    np.savez(folder / "weights.npz", **{n: np.atleast_1d(np.asarray(v, np.float32)) for n, v in weights.items()})
    names = list(arguments)
    signature = ", ".join(f"%in_{name}: tensor<{arguments[name]}xf32>" for name in names)
    lines = [f"func.func @main({signature}) -> ({', '.join([T] * results)}) {{", '%none = "top.None"() : () -> none']
    for name, shape in arguments.items():
        lines.append(f'%{name} = "top.Input"(%in_{name}) : (tensor<{shape}xf32>) -> tensor<{shape}xf32> loc("{name}")')
    for name in weights:
        lines.append(f'%{name} = "top.Weight"() : () -> tensor<1xf32> loc("{name}")')
    path = folder / "net.mlir"
    path.write_text(HEAD + "\n".join(lines) + "\n" + body + "\n}\n}\n")
    return path


def inferred(path: Path, *passes: str) -> ir.Module:
    module = pipelines.load(path, ir.Context())
    pipelines.run(module, ["shape-infer", *passes])
    return module


def values(module: ir.Module, inputs: dict[str, np.ndarray], **options: object) -> dict[str, np.ndarray]:
    interpreter = ModuleInterpreter(module)
    return interpreter.run({name: inputs[name] for name in interpreter.input_names}, **options).values


BRANCHES = """
%s = "top.AddConst"(%x) {const_val = 1.0 : f64} : (tensor<2x3xf32>) -> tensor<*xf32> loc("s")
%y = "top.If"(CONDITION) ({
  %a = "top.Mul"(%s, %s) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("a")
  %b = "top.Reduce"(%a) {axes = [1], keepdims = true, mode = "ReduceSum"} : (tensor<*xf32>) -> tensor<*xf32> loc("b")
  "top.Yield"(%b) : (tensor<*xf32>) -> ()
}, {
  %c = "top.Slice"(%x, %none, %none, %none) {ends = [2, 1], offset = [0, 0], steps = [1, 1]}
      : (tensor<2x3xf32>, none, none, none) -> tensor<*xf32> loc("c")
  "top.Yield"(%c) : (tensor<*xf32>) -> ()
}) : (tensor<1xf32>) -> tensor<*xf32> loc("y")
%z = "top.Add"(%y, %s) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("z")
return %z : tensor<*xf32>
"""
X = np.arange(6, dtype=np.float32).reshape(2, 3)


def expected_branch(taken: bool) -> np.ndarray:
    return (((X + 1) ** 2).sum(1, keepdims=True) if taken else X[:, :1]) + X + 1


@pytest.mark.parametrize("condition", [1.0, 0.0, -2.5])
def test_if_takes_a_branch(condition: float, tmp_path: Path) -> None:
    body = BRANCHES.replace("CONDITION", "%q")
    path = network(tmp_path, {"x": "2x3", "q": "1"}, body, 1, {"unused": 0})
    for passes in ([], ["canonicalize", "extra-optimize"]):
        module = inferred(path, *passes)
        assert "top.If" in str(module)
        found = values(module, {"x": X, "q": np.full(1, condition, np.float32)}, every_tensor=True)
        np.testing.assert_array_equal(found["z"], expected_branch(condition != 0))
        # What was not taken was not computed.
        assert ("a" in found, "c" in found) == (condition != 0, condition == 0)


@pytest.mark.parametrize("condition", [1.0, 0.0])
def test_if_of_a_constant_is_inlined(condition: float, tmp_path: Path) -> None:
    path = network(tmp_path, {"x": "2x3"}, BRANCHES.replace("CONDITION", "%q"), 1, {"q": condition})
    module = inferred(path, "canonicalize", "extra-optimize")
    assert "top.If" not in str(module)
    np.testing.assert_array_equal(values(module, {"x": X})["z"], expected_branch(condition != 0))


def test_an_if_that_is_an_output_keeps_its_name(tmp_path: Path) -> None:
    body = BRANCHES.replace("CONDITION", "%q").replace("return %z", "return %y")
    path = network(tmp_path, {"x": "2x3"}, body, 1, {"q": 1})
    module = inferred(path, "canonicalize", "extra-optimize")
    assert ModuleInterpreter(module).output_names == ["y"]


def test_parts_of_a_network_with_branches(tmp_path: Path) -> None:
    path = network(tmp_path, {"x": "2x3", "q": "1"}, BRANCHES.replace("CONDITION", "%q"), 1, {"unused": 0})
    interpreter = ModuleInterpreter(inferred(path))
    s = np.full((2, 3), 2, np.float32)
    found = interpreter.run({"q": np.ones(1, np.float32), "x": X}, given={"s": s}, wanted=["y"]).values["y"]
    np.testing.assert_array_equal(found, [[12], [12]])


LOOP = """
%y:3 = "top.Loop"(LIMIT, CONDITION, %x, %k) ({
^bb0(%i: tensor<*xf32>, %c: tensor<*xf32>, %v: tensor<*xf32>, %n: tensor<*xf32>):
  %t = "top.Add"(%v, %x) : (tensor<*xf32>, tensor<2x3xf32>) -> tensor<*xf32> loc("t")
  %w = "top.Add"(%t, %i) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("w")
  %h = "top.MulConst"(%n) {const_val = 0.5 : f64} : (tensor<*xf32>) -> tensor<*xf32> loc("h")
  %d = "top.AddConst"(%h) {const_val = -1.0 : f64} : (tensor<*xf32>) -> tensor<*xf32> loc("d")
  %g = "top.Relu"(%d) : (tensor<*xf32>) -> tensor<*xf32> loc("g")
  "top.Yield"(NEXT, %w, %h, COLLECT) : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> ()
}) : (LIMIT_TYPE, CONDITION_TYPE, tensor<2x3xf32>, tensor<1xf32>) -> (RESULTS) loc(fused["y", "k_out", "all"])
return %y#0, %y#1, %y#2 : RESULTS
"""


def loop(limit: str, condition: str, following: str, collect: str = "%w", results: str = f"{T}, {T}, {T}") -> str:
    body = LOOP.replace("LIMIT_TYPE", "none" if limit == "%none" else "tensor<1xf32>")
    body = body.replace("CONDITION_TYPE", "none" if condition == "%none" else "tensor<1xf32>")
    following_type = T if following in ("%c", "%g") else "tensor<1xf32>"
    body = body.replace(
        '"top.Yield"(NEXT, %w, %h, COLLECT) : (tensor<*xf32>', f'"top.Yield"(NEXT, %w, %h, COLLECT) : ({following_type}'
    )
    body = body.replace("LIMIT", limit).replace("CONDITION", condition).replace("NEXT", following)
    return body.replace("COLLECT", collect).replace("RESULTS", results)


def expected_loop(trips: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    v, n, parts = X, np.full(1, 8, np.float32), []
    for i in range(trips):
        v, n = v + X + i, n / 2
        parts.append(v)
    return v, n, np.stack(parts) if parts else np.zeros((0, 2, 3), np.float32)


@pytest.mark.parametrize("trips", [1, 2, 5])
@pytest.mark.parametrize("conditions", [("%none", "%c"), ("%one", "%c"), ("%none", "%zero"), ("%one", "%one")])
def test_loop_of_a_known_length_is_unrolled(trips: int, conditions: tuple[str, str], tmp_path: Path) -> None:
    weights = {"m": trips, "k": 8, "one": 1, "zero": 0}
    path = network(tmp_path, {"x": "2x3"}, loop("%m", *conditions), 3, weights)
    for passes in ([], ["canonicalize", "extra-optimize"]):
        module = inferred(path, *passes)
        assert ("top.Loop" in str(module)) == (not passes)
        interpreter = ModuleInterpreter(module)
        assert interpreter.output_names == ["y", "k_out", "all"]
        found = interpreter.run({"x": X}).values
        for name, array in zip(["y", "k_out", "all"], expected_loop(trips), strict=True):
            np.testing.assert_array_equal(found[name], array)


def test_an_iteration_that_is_not_followed_by_another(tmp_path: Path) -> None:
    path = network(tmp_path, {"x": "2x3"}, loop("%m", "%one", "%zero"), 3, {"m": 9, "k": 8, "one": 1, "zero": 0})
    for passes in ([], ["canonicalize", "extra-optimize"]):
        found = values(inferred(path, *passes), {"x": X})
        np.testing.assert_array_equal(found["all"], expected_loop(1)[2])


def carried_only(text: str) -> str:
    """The loop without what it collects."""
    text = text.replace(", %w)", ")").replace("%y:3", "%y:2").replace(', "all"', "").replace(", %y#2", "")
    return text.replace(f"{T}, {T}, {T}, {T}) -> ()", f"{T}, {T}, {T}) -> ()").replace(
        f"{T}, {T}, {T}\n", f"{T}, {T}\n"
    )


@pytest.mark.parametrize("trips", [0, 3])
def test_the_number_of_iterations_is_computed(trips: int, tmp_path: Path) -> None:
    body = carried_only(loop("%m", "%none", "%c", "%w", f"{T}, {T}"))
    body = body.replace("%h, %w", "%h")
    path = network(tmp_path, {"x": "2x3", "m": "1"}, body, 2, {"k": 8})
    for passes in ([], ["canonicalize", "extra-optimize"]):
        found = values(inferred(path, *passes), {"x": X, "m": np.full(1, trips, np.float32)})
        np.testing.assert_array_equal(found["y"], expected_loop(trips)[0])
        np.testing.assert_array_equal(found["k_out"], expected_loop(trips)[1])


def test_a_condition_ends_the_loop(tmp_path: Path) -> None:
    """While half of n is more than 1: 8, 4, 2, 1."""
    body = carried_only(loop("%none", "%one", "%g", "%w", f"{T}, {T}")).replace("%h, %w", "%h")
    path = network(tmp_path, {"x": "2x3"}, body, 2, {"k": 8, "one": 1})
    for passes in ([], ["canonicalize", "extra-optimize"]):
        module = inferred(path, *passes)
        assert "top.Loop" in str(module)
        np.testing.assert_array_equal(values(module, {"x": X})["y"], expected_loop(3)[0])


def test_collected_values_need_a_known_number(tmp_path: Path) -> None:
    path = network(tmp_path, {"x": "2x3", "m": "1"}, loop("%m", "%none", "%c"), 3, {"k": 8})
    with pytest.raises(MLIRError, match="collects values in a number of iterations that is not constant"):
        inferred(path)
    stated = "tensor<2x3xf32>, tensor<1xf32>, tensor<3x2x3xf32>"
    head, loop_and_rest = path.read_text().split("%y:3 = ")
    body, rest = loop_and_rest.split("}) : ")
    path.write_text(
        head.replace(f"({T}, {T}, {T})", f"({stated})")
        + "%y:3 = "
        + body
        + "}) : "
        + rest.replace(f"{T}, {T}, {T}", stated)
    )
    module = inferred(path)
    found = values(module, {"x": X, "m": np.full(1, 3, np.float32)})
    np.testing.assert_array_equal(found["all"], expected_loop(3)[2])
    with pytest.raises(MLIRError, match="collects the values of 2 iterations in a result of shape"):
        values(module, {"x": X, "m": np.full(1, 2, np.float32)})


def test_endless_loops_end(tmp_path: Path) -> None:
    body = """%y = "top.Loop"(%none, %one, %x) ({
    ^bb0(%i: tensor<*xf32>, %c: tensor<*xf32>, %v: tensor<*xf32>):
      "top.Yield"(%c, %v) : (tensor<*xf32>, tensor<*xf32>) -> ()
    }) : (none, tensor<1xf32>, tensor<1xf32>) -> tensor<*xf32> loc("y")
    return %y : tensor<*xf32>"""
    path = network(tmp_path, {"x": "1"}, body, 1, {"one": 1})
    with pytest.raises(MLIRError, match="runs more than 1048576 times"):
        values(inferred(path), {"x": np.zeros(1, np.float32)})


NESTED = """
%y = "top.Loop"(%m, %none, %x) ({
^bb0(%i: tensor<*xf32>, %c: tensor<*xf32>, %v: tensor<*xf32>):
  %two = "top.Weight"() : () -> tensor<1xf32> loc("two")
  %e = "top.Mod"(%i, %two) : (tensor<*xf32>, tensor<1xf32>) -> tensor<*xf32> loc("e")
  %r = "top.If"(%e) ({
    %a = "top.Add"(%v, %s) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("a")
    "top.Yield"(%a) : (tensor<*xf32>) -> ()
  }, {
    %l = "top.Loop"(%two, %none, %v) ({
    ^bb0(%j: tensor<*xf32>, %d: tensor<*xf32>, %u: tensor<*xf32>):
      %b = "top.Mul"(%u, %x) : (tensor<*xf32>, tensor<2x3xf32>) -> tensor<*xf32> loc("b")
      "top.Yield"(%d, %b) : (tensor<*xf32>, tensor<*xf32>) -> ()
    }) : (tensor<1xf32>, none, tensor<*xf32>) -> tensor<*xf32> loc("l")
    "top.Yield"(%l) : (tensor<*xf32>) -> ()
  }) : (tensor<*xf32>) -> tensor<*xf32> loc("r")
  "top.Yield"(%c, %r) : (tensor<*xf32>, tensor<*xf32>) -> ()
}) : (M_TYPE, none, tensor<2x3xf32>) -> tensor<*xf32> loc("y")
%z = "top.Add"(%y, %s) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("z")
return %z : tensor<*xf32>
"""


@pytest.mark.parametrize("constant", [False, True])
def test_regions_in_regions(constant: bool, tmp_path: Path) -> None:
    """Values from outside are used in inner regions and after the loop; a constant number dissolves all of it."""
    x = X / 4
    head = '%s = "top.Exp"(%x) : (tensor<2x3xf32>) -> tensor<*xf32> loc("s")\n'
    body = head + NESTED.replace("M_TYPE", "tensor<1xf32>")
    arguments = {"x": "2x3"} if constant else {"x": "2x3", "m": "1"}
    path = network(tmp_path, arguments, body, 1, {"two": 2} | ({"m": 4} if constant else {}))
    text = path.read_text().replace('%two = "top.Weight"() : () -> tensor<1xf32> loc("two")\n', "", 1)
    path.write_text(text)
    v, s = x, np.exp(x)
    for i in range(4):
        v = v + s if i % 2 else v * x * x
    for passes in ([], ["canonicalize", "extra-optimize"]):
        module = inferred(path, *passes)
        found = values(module, {"x": x, "m": np.full(1, 4, np.float32)})["z"]
        np.testing.assert_allclose(found, v + s, rtol=1e-6)
    assert ("top.Loop" in str(module) or "top.If" in str(module)) != constant


def test_long_loops_stay(tmp_path: Path) -> None:
    path = network(tmp_path, {"x": "2x3"}, loop("%m", "%none", "%c"), 3, {"m": 4000, "k": 8})
    module = inferred(path, "canonicalize", "extra-optimize")
    assert "top.Loop" in str(module)
    np.testing.assert_allclose(values(module, {"x": X})["y"], expected_loop(4000)[0], rtol=1e-5)


def test_flops_count_every_iteration(tmp_path: Path) -> None:
    def flops(trips: int) -> int:
        path = network(tmp_path, {"x": "2x3"}, loop("%m", "%none", "%c"), 3, {"m": trips, "k": 8})
        module = inferred(path, "extra-optimize")
        return int(str(module.operation.attributes["module.FLOPs"]).split(" ")[0])

    assert flops(7) == 7 * flops(1) > 0
