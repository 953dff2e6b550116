"""Bad input of every kind to every command: one sentence, status 1, and no file that was not there before."""

from __future__ import annotations

import os
import random
import re
import resource
from pathlib import Path

import numpy as np
import onnx
import pytest
from command_support import one_sentence
from onnx import TensorProto, helper, numpy_helper

HEADER = (
    'module @m attributes {module.FLOPs = 1 : i64, module.chip = "ALL", module.platform = "ONNX", '
    'module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "w.npz"} {\n'
)


def module(op: str, source: str, result: str, weights: str = "", header: str = HEADER) -> str:
    """A canonical module of one op; ``op`` reads %x of the type ``source`` and is completed by types and location."""
    return (
        header
        + f"  func.func @main(%arg0: {source}) -> {result} {{\n"
        + '    %n = "top.None"() : () -> none\n'
        + f'    %x = "top.Input"(%arg0) : ({source}) -> {source} loc("x")\n'
        + weights
        + f'    %y = {op} -> {result} loc("y")\n    return %y : {result}\n  }}\n}}\n'
    )


X = "tensor<1x4x8x8xf32>"
FILTER = '    %w = "top.Weight"() : () -> tensor<4x4x3x3xf32> loc("w")\n'


def conv(result: str = X, **changes: str) -> str:
    """A 3x3 convolution with some of its attributes replaced by nonsense."""
    attributes = {
        "dilations": "[1, 1]",
        "group": "1 : i64",
        "kernel_shape": "[3, 3]",
        "pads": "[1, 1, 1, 1]",
        "strides": "[1, 1]",
    }
    body = ", ".join(f"{key} = {value}" for key, value in {**attributes, **changes}.items() if value)
    return module(f'"top.Conv"(%x, %w, %n) {{{body}}} : ({X}, tensor<4x4x3x3xf32>, none)', X, result, FILTER)


def unary(op: str, attributes: str = "", source: str = X, result: str = X) -> str:
    """An op of one operand."""
    return module(f'"top.{op}"(%x) {{{attributes}}} : ({source})', source, result)


def deploy(run, *more: str, mlir: str = "n.mlir", mode: str = "F16"):
    return run(
        "model_deploy", "--mlir", mlir, "--quantize", mode, "--chip", "bm1684x", "--model", "n.bmodel", *more
    )  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network at every stage: s.onnx, s.mlir with weights, s.bmodel, in.npz."""
    from command_support import small_network
    from tpu_mlir.cli import model_deploy, model_transform

    folder = tmp_path_factory.mktemp("made")
    small_network(folder / "s.onnx")
    np.savez(folder / "in.npz", x=np.random.default_rng(1).random((1, 3, 8, 8), dtype=np.float32))
    f = str(folder) + "/"
    assert (
        model_transform.main(["--model_name", "s", "--model_def", f + "s.onnx", "--mlir", f + "s.mlir", "--debug"]) == 0
    )
    arguments = ["--mlir", f + "s.mlir", "--quantize", "F16", "--chip", "bm1684x", "--model", f + "s.bmodel"]
    assert model_deploy.main(arguments) == 0
    return folder


NONSENSE: dict[str, tuple[str, list[str]]] = {
    "negative pads": (conv(pads="[-1, 1, 1, 1]"), ["pads", "-1"]),
    "three pads": (conv(pads="[1, 1, 1]"), ["pads"]),
    "stride 0": (conv(strides="[0, 1]"), ["strides"]),
    "dilation 0": (conv(dilations="[0, 1]"), ["dilations"]),
    "huge stride": (conv(strides="[9223372036854775807, 1]"), ["strides"]),
    "huge pads": (conv(pads="[4294967296, 1, 1, 1]"), ["pads"]),
    "kernel of other shape than the filter": (conv(kernel_shape="[5, 5]"), ["filter"]),
    "kernel larger than the input": (conv(pads="[0, 0, 0, 0]", dilations="[9, 9]"), ["window"]),
    "group that does not divide": (conv(group="3 : i64"), ["group"]),
    "group 0": (conv(group="0 : i64"), ["group"]),
    "no kernel_shape": (conv(kernel_shape=""), ["kernel_shape"]),
    "strides of strings": (conv(strides='["a", "b"]'), ["strides"]),
    "wrong result": (conv("tensor<1x4x9x9xf32>"), ["1x4x9x9"]),
    "axis out of range": (unary("Softmax", "axis = 7 : si32"), ["axis"]),
    "axis far out of range": (unary("Softmax", "axis = -2147483648 : si32"), ["axis"]),
    "order that is no permutation": (unary("Permute", "order = [0, 1, 1, 3]"), ["order"]),
    "order of wrong length": (unary("Permute", "order = [0, 1]"), ["order"]),
    "step 0": (
        module(
            '"top.Slice"(%x, %n, %n, %n) {offset = [0], steps = [0], ends = [1], axes = [1]} '
            f": ({X}, none, none, none)",
            X,
            X,
        ),
        [],
    ),
    "reshape to more": (unary("Reshape", "shape = [1, 9999]", result="tensor<1x9999xf32>"), []),
    "negative paddings": (unary("Pad", 'mode = "constant", paddings = [0, 0, 0, 0, 0, 0, 0, -9]'), []),
    "unknown pad mode": (unary("Pad", 'mode = "x", paddings = [0, 0, 0, 0, 0, 0, 0, 0]'), []),
    "scale 0": (unary("Upsample", "scale_h = 0 : i64, scale_w = 2 : i64"), []),
    "tile 0": (unary("Tile", "tile = [1, 0, 1, 1]", result="tensor<1x0x8x8xf32>"), []),
    "empty tensor": (unary("Relu", source="tensor<1x0x8x8xf32>", result="tensor<1x0x8x8xf32>"), ["empty"]),
    "no first batch": (unary("Tanh", source="tensor<0x4x8x8xf32>", result="tensor<0x4x8x8xf32>"), ["empty"]),
    "shape without end": (unary("Relu", source="tensor<1x?xf32>", result="tensor<1x?xf32>"), []),
    "unranked": (unary("Relu", source="tensor<*xf32>", result="tensor<*xf32>"), []),
    "unknown op": (unary("NoSuchOp"), ["NoSuchOp"]),
    "no state": (unary("Relu").replace('module.state = "TOP_F32", ', ""), ["state"]),
    "unknown state": (unary("Relu").replace("TOP_F32", "TOP_SOMETHING"), ["TOP_SOMETHING"]),
    "lowered state": (unary("Relu").replace("TOP_F32", "TPU_LOWERED"), ["TPU_LOWERED"]),
    "numeric state": (unary("Relu").replace('"TOP_F32"', "7 : i64"), ["state"]),
    "no name": (unary("Relu").replace("module @m", "module"), ["name"]),
    "name with a folder": (unary("Relu").replace("module @m", 'module @"../m"'), ["name"]),
    "no module": ("func.func @main() { return }", []),
    "no main": (HEADER + "}\n", []),
    "no text": ("\0\1\2\xff\xfe", []),
    "nothing": ("", []),
    "nested brackets": ("[" * 3000, []),
    "missing weights": (conv(), ["w.npz"]),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_modules_with_legal_syntax_and_no_sense(run, tmp_path, case):
    text, words = NONSENSE[case]
    (tmp_path / "n.mlir").write_bytes(text.encode("latin-1"))
    before = files(tmp_path)
    status, _, err = deploy(run)
    assert status == 1
    one_sentence(err, *words)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 4, 3, 2), np.float32), ["'w'"]),
        (np.zeros(3, np.float32), ["'w'"]),
        (np.zeros((4, 4, 3, 3), np.uint16), ["'w'"]),
        (np.zeros((4, 4, 3, 3), np.complex64), ["'w'"]),
        (np.array("text"), ["'w'"]),
        (None, ["'w'"]),
    ],
)
def test_weights_that_do_not_fit(run, tmp_path, array, words):
    (tmp_path / "n.mlir").write_text(conv())
    np.savez(tmp_path / "w.npz", **({"other": np.zeros(2)} if array is None else {"w": array}))
    before = files(tmp_path)
    status, _, err = deploy(run, mode="BF16")
    assert status == 1
    one_sentence(err, *words)
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["w.npz", "../w.npz", "/etc/passwd", "w.npz/x", "", "."])
@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"PK\x05\x06" + b"\xff" * 18, bytes(range(200))])
def test_weight_files_that_are_none(run, tmp_path, name, content):
    (tmp_path / "n.mlir").write_text(conv().replace("w.npz", name))
    (tmp_path / "w.npz").write_bytes(content)
    before = files(tmp_path)
    status, _, err = deploy(run)
    assert status == 1
    one_sentence(err)
    assert files(tmp_path) == before


def test_folders_instead_of_files(run, made, tmp_path):
    for suffix in ("onnx", "mlir", "bmodel", "npz"):
        (tmp_path / f"d.{suffix}").mkdir()
    before = files(tmp_path)
    sample = made / "in.npz"
    for arguments in (
        ("model_transform", "--model_name", "n", "--model_def", "d.onnx", "--mlir", "n.mlir"),
        ("model_transform", "--model_name", "n", "--model_def", made / "s.onnx", "--mlir", "d.mlir"),
        ("model_transform", "--model_name", "n", "--model_def", made / "s.onnx", "--mlir", "n.mlir",
         "--test_input", sample, "--test_result", "d.npz"),
        ("model_deploy", "--mlir", "d.mlir", "--chip", "bm1684x", "--model", "n.bmodel"),
        ("model_deploy", "--mlir", made / "s.mlir", "--chip", "bm1684x", "--model", "d.bmodel"),
        ("model_deploy", "--mlir", made / "s.mlir", "--chip", "bm1684x", "--model", "n.bmodel", "--test_input",
         "d.npz"),
        ("model_runner", "--model", "d.bmodel", "--input", sample, "--output", "o.npz"),
        ("model_runner", "--model", "d.mlir", "--input", sample, "--output", "o.npz"),
        ("model_runner", "--model", "d.onnx", "--input", sample, "--output", "o.npz"),
        ("model_runner", "--model", made / "s.bmodel", "--input", "d.npz", "--output", "o.npz"),
        ("model_runner", "--model", made / "s.bmodel", "--input", sample, "--output", "d.npz"),
        ("npz_tool", "print", "d.npz"),
        ("npz_tool", "compare", "d.npz", sample),
    ):  # fmt: skip
        status, _, err = run(*arguments)
        assert status == 1, arguments
        one_sentence(err)
    assert files(tmp_path) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.bmodel", "d.mlir", "d.npz", "d.onnx"]


def test_inputs_that_are_not_finite_run(run, made, tmp_path):
    for value in (np.nan, np.inf, -np.inf, 1e38):
        np.savez(tmp_path / "in.npz", x=np.full((1, 3, 8, 8), value, np.float32))
        for model in ("s.onnx", "s.mlir", "s.bmodel"):
            status, _, err = run("model_runner", "--model", made / model, "--input", "in.npz", "--output", "o.npz")
            assert (status, err) == (0, "")


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(()), np.zeros((0,)), np.zeros((1, 3, 8, 0)), np.zeros((1, 3, 8, 8), np.complex64), np.array("a"),
        np.zeros((1, 3, 8, 8), "datetime64[s]"), np.zeros((1, 3, 8, 8), [("a", "f4")]),
    ],
)  # fmt: skip
def test_inputs_of_the_wrong_kind(run, made, tmp_path, array):
    np.savez(tmp_path / "in.npz", x=array)
    for model in ("s.onnx", "s.mlir", "s.bmodel"):
        status, _, err = run("model_runner", "--model", made / model, "--input", "in.npz", "--output", "o.npz")
        assert status == 1, model
        one_sentence(err)
    assert list(files(tmp_path)) == ["in.npz"]


def onnx_bomb(path: Path, kind: str) -> None:
    """A few bytes of ONNX that ask for much more."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    big = numpy_helper.from_array(np.array([1, 1 << 20, 1 << 20, 1 << 20], np.int64), "s")
    node = helper.make_node
    nodes, constants = {
        "tile": ([node("Tile", ["x", "s"], ["y"], name="t")], [big]),
        "expand": ([node("Expand", ["x", "s"], ["y"], name="e")], [big]),
        "fill": ([node("ConstantOfShape", ["s"], ["c"], name="f"), node("Add", ["x", "c"], ["y"])], [big]),
        "pad": (
            [node("Pad", ["x", "s"], ["y"], name="p")],
            [numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 0, 1 << 40, 1 << 40], np.int64), "s")],
        ),
        "range": (
            [node("Range", ["a", "b", "c"], ["r"], name="r"), node("Mul", ["x", "r"], ["y"])],
            [numpy_helper.from_array(np.array(v, np.float32), n) for n, v in (("a", 0), ("b", 1e15), ("c", 1))],
        ),
    }[kind]
    graph = helper.make_graph(nodes, "g", [x], [y], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))


@pytest.mark.parametrize("kind", ["tile", "expand", "fill", "pad", "range"])
def test_few_bytes_do_not_take_all_memory(run, tmp_path, kind):
    onnx_bomb(tmp_path / "n.onnx", kind)
    before = files(tmp_path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status, _, err = run("model_transform", "--model_name", "n", "--model_def", "n.onnx", "--mlir", "n.mlir")
    if status == 0:  # the shape is legal for the evaluation; no chip has room for it
        status, _, err = deploy(run)
        for path in tmp_path.glob("n*.[mn]*"):
            path.unlink()
    assert status == 1
    one_sentence(err)
    assert set(files(tmp_path)) <= set(before)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < peak + (1 << 20)  # KiB


def mutate(data: bytes, r: random.Random) -> bytes:
    """Bits flipped, bytes replaced, parts cut or repeated; mostly in the first bytes, where structure is."""
    b = bytearray(data)
    near = r.random() < 0.7
    for _ in range(r.choice([1, 1, 2, 4, 9])):
        at, other, count = (
            r.randrange(min(len(b), 5000) if near else len(b)),
            r.randrange(len(data)),
            r.randrange(1, 40),
        )
        kind = r.randrange(6)
        if kind == 0:
            b[at] ^= 1 << r.randrange(8)
        elif kind == 1:
            b[at] = r.choice([0, 1, 0x7F, 0x80, 0xFF])
        elif kind == 2:
            del b[max(other, 8) :]
        elif kind == 3 and len(b) > 80:
            del b[at : at + count]
        elif kind == 4:
            b[at:at] = data[other : other + count]
        else:
            b[at - at % 4 : at - at % 4 + 4] = r.choice([b"\xff" * 4, bytes(4), b"\0\0\0\x7f"])
    return bytes(b)


def mutate_text(text: str, r: random.Random) -> str:
    """Numbers, words and lines exchanged, so that much of it still parses."""
    for _ in range(r.choice([1, 1, 2, 3])):
        numbers = list(re.finditer(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?", text))
        words = list(re.finditer(r"%\w+|true|false|\[[-\d, ]*\]|tensor<[^>]*>|\"[\w.]+\"|none", text))
        lines = text.split("\n")
        kind = r.randrange(4)
        if kind < 2:
            m = r.choice(numbers)
            new = r.choice(["0", "-1", "2", "65", "1000000", "4294967296", "9223372036854775807", "1.5", "1e30"])
            text = text[: m.start()] + new + text[m.end() :]
        elif kind == 2:
            a, b = r.choice(words), r.choice(words)
            text = text[: a.start()] + b.group() + text[a.end() :]
        else:
            del lines[r.randrange(len(lines))]
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(int(os.environ.get("TPU_MLIR_FUZZ", "1"))))
@pytest.mark.parametrize("suffix", ["mlir", "bmodel", "npz"])
def test_damaged_files_work_or_are_refused(run, made, tmp_path, suffix, seed):
    """60 cases for each kind and seed; TPU_MLIR_FUZZ=50 runs 50 seeds."""
    r = random.Random(f"{suffix}{seed}")
    for name in ("s.mlir", "s_top_f32_all_weight.npz", "in.npz"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    source = {"mlir": "s.mlir", "bmodel": "s.bmodel", "npz": "s_top_f32_all_weight.npz"}[suffix]
    good = (made / source).read_bytes()
    target = tmp_path / ("s_top_f32_all_weight.npz" if suffix == "npz" else f"damaged.{suffix}")
    for case in range(60):
        if suffix == "mlir":
            target.write_text(mutate_text(good.decode(), r))
        else:
            target.write_bytes(mutate(good, r))
        before = set(files(tmp_path))
        if suffix == "bmodel":
            status, _, err = run("model_runner", "--model", target, "--input", "in.npz", "--output", "o.npz")
        else:
            status, _, err = deploy(run, mlir="s.mlir" if suffix == "npz" else target.name)
        if status:
            one_sentence(err)
            assert set(files(tmp_path)) == before, case
        else:
            for name in set(files(tmp_path)) - before:
                (tmp_path / name).unlink()
