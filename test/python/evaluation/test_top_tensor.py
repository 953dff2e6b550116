"""Ops of the Top dialect that cut, join, pick and fill, against NumPy: random shapes, axes and attributes.

Every case states its results without shapes. It is evaluated after shape inference, and again after canonicalization,
after which the op must be gone where nothing lowers it. Values are moved, so that both are equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
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


class Constant:
    """An operand that is a weight."""

    def __init__(self, values: object) -> None:
        self.array = np.atleast_1d(np.asarray(values, np.float32))


def kind(array: np.ndarray | None) -> str:
    return "none" if array is None else f"tensor<{''.join(f'{extent}x' for extent in array.shape)}f32>"


def text(op: str, operands: Sequence[object], attributes: str, count: int, folder: Path) -> str:
    """The module of one op, whose results pass through another op so that they need not stay as they are."""
    arrays = [operand.array if isinstance(operand, Constant) else operand for operand in operands]
    inputs = [i for i, operand in enumerate(operands) if isinstance(operand, np.ndarray)]
    weights = {f"w{i}": o.array for i, o in enumerate(operands) if isinstance(o, Constant)}
    np.savez(folder / "weights.npz", **weights, unused=np.zeros(1, np.float32))
    lines = [f"func.func @main({', '.join(f'%a{i}: {kind(arrays[i])}' for i in inputs)}) -> "]
    lines[0] += f"({', '.join(['tensor<*xf32>'] * count)}) {{"
    lines.append('%none = "top.None"() : () -> none')
    lines += [f'%x{i} = "top.Input"(%a{i}) : ({kind(arrays[i])}) -> {kind(arrays[i])} loc("x{i}")' for i in inputs]
    lines += [f'%{name} = "top.Weight"() : () -> {kind(array)} loc("{name}")' for name, array in weights.items()]
    names = [
        "%none" if operand is None else f"%{'w' if isinstance(operand, Constant) else 'x'}{i}"
        for i, operand in enumerate(operands)
    ]
    results = ", ".join(["tensor<*xf32>"] * count)
    places = ", ".join(f'"y{i}"' for i in range(count))
    lines.append(
        f'%y:{count} = "top.{op}"({", ".join(names)}) {{{attributes}}} : ({", ".join(map(kind, arrays))}) -> '
        f"({results}) loc({f'fused[{places}]' if count > 1 else places})"
    )
    for i in range(count):
        lines.append(f'%z{i} = "top.Abs"(%y#{i}) : (tensor<*xf32>) -> tensor<*xf32> loc("z{i}")')
    lines.append(f"return {', '.join(f'%z{i}' for i in range(count))} : {results}")
    return HEAD + "\n".join(lines) + "\n}\n}\n"


def check(
    folder: Path,
    op: str,
    operands: Sequence[object],
    attributes: str,
    expected: Sequence[np.ndarray],
    stays: bool = False,
    tolerance: float = 0,
) -> None:
    """The op gives what is expected, and canonicalization keeps it. stays: there is a lowering to wait for."""
    path = folder / "net.mlir"
    path.write_text(text(op, operands, attributes, len(expected), folder))
    given = {f"x{i}": operand for i, operand in enumerate(operands) if isinstance(operand, np.ndarray)}
    for passes in (["shape-infer"], ["struct-optimize", "shape-infer", "canonicalize", "extra-optimize"]):
        module = pipelines.load(path, ir.Context())
        pipelines.run(module, passes)
        interpreter = ModuleInterpreter(module)
        found = interpreter.run({name: given[name] for name in interpreter.input_names}).values
        for i, array in enumerate(expected):
            assert found[f"z{i}"].shape == (array.shape or (1,))
            np.testing.assert_allclose(
                found[f"z{i}"], np.abs(array).reshape(array.shape or (1,)), rtol=tolerance, atol=tolerance
            )
    assert stays or f'"top.{op}"' not in str(module)


def refused(folder: Path, op: str, operands: Sequence[object], attributes: str, count: int = 1) -> str:
    """The sentence with which shape inference, or the verifier before it, refuses."""
    path = folder / "net.mlir"
    path.write_text(text(op, operands, attributes, count, folder))
    with pytest.raises(MLIRError) as caught:
        pipelines.run(pipelines.load(path, ir.Context()), ["shape-infer"])
    return str(caught.value)


def random_shape(generator: np.random.Generator, least: int = 1, most: int = 5) -> tuple[int, ...]:
    return tuple(int(extent) for extent in generator.integers(1, 6, generator.integers(least, most)))


def random_tensor(generator: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    return generator.standard_normal(shape).astype(np.float32)


SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_split(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    x = random_tensor(generator, (*random_shape(generator, 0, 3), int(generator.integers(4, 12)), 3))
    axis = int(generator.choice([x.ndim - 2, -2]))
    extent = x.shape[axis]
    if seed % 2:
        cuts = np.sort(generator.choice(np.arange(1, extent), 2, replace=False))
        parts = np.split(x, cuts, axis)
        sizes = ", ".join(str(part.shape[axis]) for part in parts)
        attributes = f"axis = {axis} : si32, num = 3 : i64, split_size = [{sizes}]"
    else:
        size = -(-extent // 2)
        parts = np.split(x, [size], axis)
        attributes = f"axis = {axis} : si32, num = 2 : i64"
    check(tmp_path, "Split", [x], attributes, parts)


@pytest.mark.parametrize("seed", SEEDS)
def test_pack_and_unpack(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    shape, count = random_shape(generator), int(generator.integers(1, 5))
    parts = [random_tensor(generator, shape) for _ in range(count)]
    axis = int(generator.integers(-len(shape) - 1, len(shape) + 1))
    packed = np.stack(parts, axis)
    check(tmp_path, "Pack", parts, f"axis = {axis} : si32, values_count = {count} : i64", [packed])
    check(tmp_path, "Unpack", [packed], f"axis = {axis} : si32", parts)
    vector = random_tensor(generator, [count])
    check(tmp_path, "Unpack", [vector], "axis = 0 : si32", list(vector.reshape(-1, 1)))


@pytest.mark.parametrize("seed", SEEDS)
def test_reverse(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    x = random_tensor(generator, random_shape(generator))
    axis = int(generator.integers(-x.ndim, x.ndim))
    check(tmp_path, "Reverse", [x], f"axis = {axis} : i64", [np.flip(x, axis)], stays=True)


@pytest.mark.parametrize(("channels", "group"), [(6, 2), (6, 3), (8, 1), (5, 5), (12, 4)])
def test_shuffle_channel(channels: int, group: int, tmp_path: Path) -> None:
    x = random_tensor(np.random.default_rng(channels), (2, channels, 3, 2))
    expected = x.reshape(2, group, channels // group, 3, 2).swapaxes(1, 2).reshape(x.shape)
    check(tmp_path, "ShuffleChannel", [x], f"group = {group} : i64", [expected], stays=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_swap_dim_inner(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    x = random_tensor(generator, random_shape(generator))
    offset = [int(generator.integers(0, extent)) for extent in x.shape]
    expected = np.roll(x, [-o for o in offset], tuple(range(x.ndim)))
    check(tmp_path, "SwapDimInner", [x], f"offset = {offset}", [expected], stays=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_view(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    shape = random_shape(generator, 2)
    x = random_tensor(generator, generator.permutation(shape))
    asked = list(shape)
    if seed % 2:
        asked[seed % len(asked)] = -1
    check(tmp_path, "View", [x, Constant(asked)], "", [x.reshape(shape)])


@pytest.mark.parametrize("seed", range(16))
def test_slice_axis(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    while True:
        x = random_tensor(generator, (*random_shape(generator, 0, 3), 7))
        axis = int(generator.choice([-1, x.ndim - 1]))
        start, end = (int(position) for position in generator.integers(-9, 10, 2))
        step = int(generator.choice([-3, -1, 1, 1, 2]))
        if seed % 4 == 0:
            start, end, step = 2, 2**63 - 1, 1
        expected = x[..., start:end:step]
        if expected.size:
            break
    operands = [x, Constant(axis), Constant(start), None if step == 1 else Constant(step), Constant(end)]
    check(tmp_path, "SliceAxis", operands, "", [expected])


def strided_slice(x: np.ndarray, starts: list[int], ends: list[int], strides: list[int], masks: dict[str, int]):
    """As TensorFlow documents it, by NumPy's own indexing."""
    entries: list[object] = []
    for i, (start, end, stride) in enumerate(zip(starts, ends, strides, strict=True)):
        has = {name: bool(mask >> i & 1) for name, mask in masks.items()}
        if has["ellipsis"]:
            entries.append(Ellipsis)
        elif has["new_axis"]:
            entries.append(None)
        elif has["shrink_axis"]:
            entries.append(0 if has["begin"] else start)
        else:
            entries.append(slice(None if has["begin"] else start, None if has["end"] else end, stride))
    return x[tuple(entries)]


@pytest.mark.parametrize("seed", range(40))
def test_strided_slice(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    while True:
        x = random_tensor(generator, generator.integers(2, 7, generator.integers(1, 5)))
        count = int(generator.integers(1, x.ndim + 2))
        masks = dict.fromkeys(["begin", "end", "ellipsis", "new_axis", "shrink_axis"], 0)
        for i in range(count):
            role = generator.choice(["range", "range", "ellipsis", "new_axis", "shrink_axis"])
            if role == "ellipsis" and not masks["ellipsis"] or role in ("new_axis", "shrink_axis"):
                masks[str(role)] |= 1 << i
            if generator.random() < 0.3:
                masks[str(generator.choice(["begin", "end"]))] |= 1 << i
        starts, ends = generator.integers(-7, 8, (2, count)).tolist()
        strides = generator.choice([-2, -1, 1, 1, 2], count).tolist()
        strides = [abs(s) if masks["shrink_axis"] >> i & 1 else s for i, s in enumerate(strides)]
        try:
            expected = np.asarray(strided_slice(x, starts, ends, strides, masks))
        except IndexError:
            continue
        if expected.size:
            break
    attributes = ", ".join(f"{name}_mask = {mask} : i64" for name, mask in masks.items())
    check(tmp_path, "StridedSlice", [x, Constant(starts), Constant(ends), Constant(strides)], attributes, [expected])


@pytest.mark.parametrize("seed", SEEDS)
def test_constant_fill(seed: int, tmp_path: Path) -> None:
    shape = random_shape(np.random.default_rng(seed))
    check(tmp_path, "ConstantFill", [Constant(shape)], "value = -1.5 : f64", [np.full(shape, -1.5, np.float32)])


@pytest.mark.parametrize(
    ("start", "end", "step"),
    [(None, 7, None), (2, 9, 3), (9, 2, -3), (0.5, 2, 0.25), (None, 0.6, 0.1), (-3, 4, None), (0, 1, 5)],
)
@pytest.mark.parametrize("op", ["Arange", "Range"])
def test_sequences(op: str, start: float | None, end: float, step: float | None, tmp_path: Path) -> None:
    if op == "Range" and step == 0.1:
        pytest.skip("ONNX computes this length from f32 numbers, which are not decimal")
    expected = np.arange(start or 0, end, step or 1).astype(np.float32)
    operands = [None if value is None else Constant(value) for value in (start, end, step)]
    check(tmp_path, op, operands, "", [expected], tolerance=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_expand_and_repeat(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    wide = random_shape(generator, 2)
    narrow = [int(extent) if generator.random() < 0.5 else 1 for extent in wide][int(generator.integers(0, 2)) :]
    x = random_tensor(generator, narrow)
    asked = [1 if generator.random() < 0.3 and i >= len(wide) - len(narrow) else e for i, e in enumerate(wide)]
    expected = x * np.ones(asked, np.float32)
    check(tmp_path, "Expand", [x], f"shape = {asked}", [expected])
    check(tmp_path, "Expand", [x, Constant(asked)], "shape = []", [expected])
    repeats = generator.integers(1, 4, len(narrow) + seed % 2).tolist()
    check(tmp_path, "Repeat", [x, Constant(repeats)], "", [np.tile(x, repeats)])


def test_expand_keeps_extents_of_minus_one(tmp_path: Path) -> None:
    x = random_tensor(np.random.default_rng(0), (3, 1))
    check(tmp_path, "Expand", [x], "shape = [2, -1, 4]", [np.broadcast_to(x, (2, 3, 4))])


@pytest.mark.parametrize("attributes", ["", "start = 1", "end = -1", "start = -3, end = 99", "start = 3, step = -2"])
def test_shape(attributes: str, tmp_path: Path) -> None:
    x = np.zeros((2, 5, 3, 4), np.float32)
    given = {name: int(value) for name, value in (pair.split(" = ") for pair in attributes.split(", ") if pair)}
    expected = np.array(x.shape[slice(given.get("start"), given.get("end"), given.get("step"))], np.float32)
    typed = ", ".join(f"{pair} : i64" for pair in attributes.split(", ") if pair)
    check(tmp_path, "Shape", [x], typed, [expected])


def test_size(tmp_path: Path) -> None:
    x = np.zeros((2, 5, 3), np.float32)
    check(tmp_path, "Size", [x], "", [np.array([2, 5, 3], np.float32)])
    check(tmp_path, "Size", [x], "axis = -2 : si32", [np.array([5], np.float32)])


def test_random_data_are_those_of_the_network(tmp_path: Path) -> None:
    x, data = (random_tensor(np.random.default_rng(seed), (2, 3)) for seed in (0, 1))
    check(tmp_path, "RandnLike", [x, Constant(data)], "", [data])
    check(tmp_path, "RandnLike", [x, data], "", [data])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("reverse", [False, True])
def test_mesh_grid(count: int, reverse: bool, tmp_path: Path) -> None:
    lines = [random_tensor(np.random.default_rng(i), [i + 2]) for i in range(count)]
    grids = np.meshgrid(*lines, indexing="ij")
    expected = [grid.transpose() if reverse else grid for grid in grids]
    check(tmp_path, "MeshGrid", lines, f"is_reverse = {str(reverse).lower()}", expected)


def test_lists_and_tuples(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    a, b = random_tensor(generator, [2]), random_tensor(generator, [3])
    check(tmp_path, "List", [a, b], "", [np.concatenate([a, b])])
    c = random_tensor(generator, (2, 3))
    check(tmp_path, "Tuple", [c, a], "", [np.concatenate([c.reshape(-1), a])])
    check(tmp_path, "UnTuple", [c, a], "", [c, a])


def test_a_tuple_comes_apart(tmp_path: Path) -> None:
    body = """func.func @main(%p: tensor<2x3xf32>, %q: tensor<4xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
      %a = "top.Input"(%p) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a")
      %b = "top.Input"(%q) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
      %t = "top.Tuple"(%a, %b) : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<*xf32> loc("t")
      %y:2 = "top.UnTuple"(%t) : (tensor<*xf32>) -> (tensor<*xf32>, tensor<*xf32>) loc(fused["y0", "y1"])
      return %y#1, %y#0 : tensor<*xf32>, tensor<*xf32>
    }
    }"""
    (tmp_path / "net.mlir").write_text(HEAD + body)
    given = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.arange(4, dtype=np.float32)}
    for passes in (["shape-infer"], ["shape-infer", "canonicalize", "extra-optimize"]):
        module = pipelines.load(tmp_path / "net.mlir", ir.Context())
        pipelines.run(module, passes)
        found = ModuleInterpreter(module).run(given)
        assert found.outputs == ["y1", "y0"]
        np.testing.assert_array_equal(found.values["y0"], given["a"])
        np.testing.assert_array_equal(found.values["y1"], given["b"])
    assert "uple" not in str(module)


@pytest.mark.parametrize("seed", SEEDS)
def test_insert_and_concat_slice(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    shape = list(random_shape(generator))
    axis = int(generator.integers(-len(shape), len(shape)))
    part_shape = list(shape)
    part_shape[axis] = int(generator.integers(1, shape[axis] + 1))
    x, part = random_tensor(generator, shape), random_tensor(generator, part_shape)
    offset = int(generator.integers(0, shape[axis] - part_shape[axis] + 1))
    places = [slice(None)] * len(shape)
    places[axis] = slice(offset, offset + part_shape[axis])
    inserted = x.copy()
    inserted[tuple(places)] = part
    check(tmp_path, "Insert", [x, part], f"axis = {axis} : i64, offset = {offset} : i64", [inserted])
    joined = np.concatenate([x, part], axis)
    last = np.take(joined, range(part_shape[axis], joined.shape[axis]), axis)
    check(tmp_path, "ConcatSlice", [x, part], f"axis = {axis} : i64", [last])


def test_copy(tmp_path: Path) -> None:
    x = random_tensor(np.random.default_rng(0), (4, 6))
    strided = np.lib.stride_tricks.as_strided(x, (2, 3), (12 * 4, 2 * 4))
    check(
        tmp_path, "Copy", [x], "shape = [2, 3], input_stride = [12, 2], output_stride = [3, 1]", [strided], stays=True
    )
    scattered = np.zeros((2, 2), np.float32)
    scattered.reshape(-1)[[0, 1]] = x.reshape(-1)[0]
    check(
        tmp_path, "Copy", [x], "shape = [2, 2], input_stride = [0, 0], output_stride = [1, 0]", [scattered], stays=True
    )


EQUATIONS = [
    ("a,b->ab", (3,), (4,)),
    ("ab,ab->a", (3, 4), (3, 4)),
    ("ab,acb->ac", (3, 4), (3, 5, 4)),
    ("abc,abc->ab", (2, 3, 4), (2, 3, 4)),
    ("abcd,cde->abe", (2, 3, 4, 5), (4, 5, 6)),
    ("abcd,bed->abce", (2, 3, 4, 5), (3, 6, 5)),
    ("abcd,cde->abce", (2, 3, 4, 5), (4, 5, 6)),
    ("abcd,ced->abce", (2, 3, 4, 5), (4, 6, 5)),
    ("abcd,abed->abce", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("abcd,abde->abce", (2, 3, 4, 5), (2, 3, 5, 6)),
    ("abcd,aecd->acbe", (2, 3, 4, 5), (2, 6, 4, 5)),
    ("abcd,aecd->aceb", (2, 3, 4, 5), (2, 6, 4, 5)),
    ("abcd,acde->abce", (2, 3, 4, 5), (2, 4, 5, 6)),
    ("abcd,acbe->aecd", (2, 3, 4, 5), (2, 4, 3, 6)),
    ("abc,adc->adb", (2, 3, 4), (2, 5, 4)),
    ("abc,adc->abd", (2, 3, 4), (2, 5, 4)),
    ("abc,cde->abde", (2, 3, 4), (4, 5, 6)),
    ("abcde,abfge->acdbfg", (2, 2, 3, 2, 4), (2, 2, 2, 3, 4)),
    ("abc,db->adc", (2, 3, 4), (5, 3)),
    ("abc,bc->abc", (2, 3, 4), (3, 4)),
    ("ij,jk", (3, 4), (4, 5)),
    ("bij, bjk -> bik", (2, 3, 4), (2, 4, 5)),
    ("...ij,...jk->...ik", (2, 1, 3, 4), (6, 4, 5)),
    ("...ij,jk->...ki", (2, 2, 3, 4), (4, 5)),
    ("i...,i...->...", (3, 2, 4), (3, 2, 4)),
    ("ij,ij->", (3, 4), (3, 4)),
    ("ij->ji", (3, 4)),
    ("ij->", (3, 4)),
    ("ij->j", (3, 4)),
    ("ij->ij", (3, 4)),
    ("...->...", (3, 4)),
    ("ii->i", (4, 4)),
    ("ii", (4, 4)),
    ("ijj->ji", (2, 3, 3)),
    ("ijij->ij", (2, 3, 2, 3)),
    ("iij,jk->ik", (3, 3, 4), (4, 2)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
    ("ij,ik,il->jkl", (2, 3), (2, 4), (2, 5)),
    ("i,j,k->kji", (2,), (3,), (4,)),
    ("ba,cb,b->", (3, 4), (2, 3), (3,)),
    ("ij,jk->ik", (1, 4), (4, 1)),
    ("ij,jk->ik", (3, 1), (4, 5)),
    ("ij,ij->ij", (3, 1), (3, 4)),
    ("Ab,bA->", (3, 4), (4, 3)),
    ("zBa,Ba", (2, 3, 4), (3, 4)),
    (",ij->ji", (1,), (2, 3)),
    ("bhwc,hkc->bhwk", (2, 3, 4, 5), (3, 6, 5)),
    ("abcdefg,gh->abcdefh", (1, 2, 1, 2, 2, 1, 3), (3, 2)),
]


@pytest.mark.parametrize("equation", EQUATIONS, ids=[case[0] for case in EQUATIONS])
@pytest.mark.parametrize("constant", [False, True])
def test_einsum(equation: tuple, constant: bool, tmp_path: Path) -> None:
    mode, *shapes = equation
    generator = np.random.default_rng(len(mode))
    arrays = [random_tensor(generator, shape) for shape in shapes]
    # NumPy wants no axis for a scalar, and repeats extents of 1 only between operands.
    plain = [array.reshape(()) if mode.startswith(",") and i == 0 else array for i, array in enumerate(arrays)]
    expected = np.einsum(mode, *[array.astype(np.float64) for array in plain]).astype(np.float32)
    operands: list[object] = list(arrays)
    if constant:
        operands[-1] = Constant(arrays[-1])
    check(tmp_path, "Einsum", operands, f'mode = "{mode}"', [expected], tolerance=1e-5)


@pytest.mark.parametrize("seed", range(40))
def test_random_equations(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    extents = dict(zip("abcdef", generator.integers(1, 5, 6).tolist(), strict=True))
    terms = ["".join(generator.permutation(list(extents))[: generator.integers(1, 5)]) for _ in range(1 + seed % 3)]
    known = sorted(set("".join(terms)))
    result = "".join(generator.permutation(known)[: generator.integers(0, min(len(known), 4) + 1)])
    mode = f"{','.join(terms)}->{result}"
    arrays = [random_tensor(generator, [extents[name] for name in term]) for term in terms]
    expected = np.einsum(mode, *[array.astype(np.float64) for array in arrays]).astype(np.float32)
    check(tmp_path, "Einsum", arrays, f'mode = "{mode}"', [expected], tolerance=2e-5)


def test_computed_shapes_are_known(tmp_path: Path) -> None:
    """Operands that follow from shapes and weights count as constant."""
    body = """func.func @main(%p: tensor<2x3x4xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
      %n = "top.None"() : () -> none
      %x = "top.Input"(%p) : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("x")
      %s = "top.Size"(%x) {axis = 1 : si32} : (tensor<2x3x4xf32>) -> tensor<*xf32> loc("s")
      %r = "top.Shape"(%x) {start = 2 : i64} : (tensor<2x3x4xf32>) -> tensor<*xf32> loc("r")
      %m = "top.MulConst"(%r) {const_val = 2.0 : f64} : (tensor<*xf32>) -> tensor<*xf32> loc("m")
      %l = "top.List"(%s, %m) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("l")
      %v = "top.View"(%x, %l) : (tensor<2x3x4xf32>, tensor<*xf32>) -> tensor<*xf32> loc("v")
      %c = "top.ConstantFill"(%l) {value = 2.0 : f64} : (tensor<*xf32>) -> tensor<*xf32> loc("c")
      %y = "top.Mul"(%v, %c) : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("y")
      %a = "top.Arange"(%n, %s, %n) : (none, tensor<*xf32>, none) -> tensor<*xf32> loc("a")
      %z = "top.AddConst"(%a) {const_val = 1.0 : f64} : (tensor<*xf32>) -> tensor<*xf32> loc("z")
      return %y, %z : tensor<*xf32>, tensor<*xf32>
    }
    }"""
    (tmp_path / "net.mlir").write_text(HEAD + body)
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for passes in (["shape-infer"], ["shape-infer", "canonicalize", "extra-optimize"]):
        module = pipelines.load(tmp_path / "net.mlir", ir.Context())
        pipelines.run(module, passes)
        found = ModuleInterpreter(module).run({"x": x}).values
        np.testing.assert_array_equal(found["y"], 2 * x.reshape(3, 8))
        np.testing.assert_array_equal(found["z"], [1, 2, 3])
    assert "top.MulConst" in str(module) and "top.ConstantFill" not in str(module)


VECTOR = np.zeros(4, np.float32)
MATRIX = np.zeros((3, 4), np.float32)


@pytest.mark.parametrize(
    ("op", "operands", "attributes", "reason"),
    [
        ("View", [MATRIX, Constant([5, -1])], "", "cannot give 3x4 the shape 5x-1"),
        ("View", [MATRIX, Constant([-1, -1])], "", "cannot give 3x4"),
        ("View", [MATRIX, Constant([1e30, 1e30])], "", "cannot give 3x4"),
        ("View", [MATRIX, VECTOR], "", "needs a shape operand that is constant"),
        ("Repeat", [MATRIX, Constant([2])], "", "has 1 repeats for an input of rank 2"),
        ("Repeat", [MATRIX, Constant([1e30, 1])], "", "repeats axis 0"),
        ("Repeat", [MATRIX, Constant([2e9, 2e9])], "", "would have the result shape"),
        ("ConstantFill", [Constant([0, 1])], "value = 1.0 : f64", "has an invalid shape 0x1"),
        ("ConstantFill", [Constant([1e9, 1e9])], "value = 1.0 : f64", "not more than 2^31"),
        ("Range", [None, Constant(0), None], "", "has no numbers from 0 to 0"),
        ("Range", [None, Constant(1), Constant(0)], "", "has no numbers"),
        ("Range", [None, Constant(np.inf), None], "", "has no numbers"),
        ("Arange", [None, Constant(np.nan), None], "", "has no numbers"),
        ("Arange", [None, VECTOR[:1], None], "", "needs operands of one element that are constant"),
        ("SliceAxis", [MATRIX, Constant(2), Constant(0), None, Constant(1)], "", "has axis 2 for an input of rank 2"),
        ("SliceAxis", [MATRIX, Constant(0), Constant(0), Constant(0), Constant(1)], "", "has step 0"),
        ("SliceAxis", [MATRIX, Constant(0), Constant(3), None, Constant(1)], "", "takes nothing"),
    ],
)
def test_operands_that_do_not_fit_are_refused(
    op: str, operands: list[object], attributes: str, reason: str, tmp_path: Path
) -> None:
    assert reason in refused(tmp_path, op, operands, attributes)


@pytest.mark.parametrize(
    ("starts", "ends", "strides", "masks", "reason"),
    [
        ([0], [1], [0], {}, "has stride 0"),
        ([3], [4], [1], {"shrink_axis": 1}, "takes position 3"),
        ([0], [1], [-1], {"shrink_axis": 1}, "with stride -1"),
        ([0, 0], [1, 1], [1, 1], {"ellipsis": 3}, "2 ellipses"),
        ([0, 0, 0], [1, 1, 1], [1, 1, 1], {}, "names 3 axes"),
        ([2], [1], [1], {}, "takes nothing"),
    ],
)
def test_strided_slices_that_do_not_fit_are_refused(
    starts: list[int], ends: list[int], strides: list[int], masks: dict[str, int], reason: str, tmp_path: Path
) -> None:
    names = ["begin", "end", "ellipsis", "new_axis", "shrink_axis"]
    attributes = ", ".join(f"{name}_mask = {masks.get(name, 0)} : i64" for name in names)
    operands = [MATRIX, Constant(starts), Constant(ends), Constant(strides)]
    assert reason in refused(tmp_path, "StridedSlice", operands, attributes)
