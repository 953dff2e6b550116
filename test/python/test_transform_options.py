"""Options of model_transform that concern sources: Top modules, types of inputs, test inputs of several kinds, checks
that need not be made again."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from command_support import one_sentence
from onnx import TensorProto, helper
from PIL import Image


def two_inputs(path: Path) -> Path:
    """A picture and a row of integers: x.mean() + n."""
    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("ReduceMean", ["r"], ["m"], keepdims=1, axes=[1, 2, 3]),
        helper.make_node("Reshape", ["m", "shape"], ["v"]),
        helper.make_node("Cast", ["n"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["v", "f"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "two",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8]),
            helper.make_tensor_value_info("n", TensorProto.INT64, [1, 4]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor("shape", TensorProto.INT64, [2], [1, 1])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def transform(run, model, *more: str, name: str = "net", mlir: str = "net.mlir"):
    return run("model_transform", "--model_name", name, "--model_def", str(model), "--mlir", mlir, *more)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "two.npz", x=random.random((1, 3, 8, 8), np.float32), n=np.arange(4)[None])
    np.save(tmp_path / "n.npy", np.arange(4)[None])
    np.savez(tmp_path / "n.npz", other_name=np.arange(4)[None])
    Image.fromarray(random.integers(0, 256, (8, 8, 3), np.uint8)).save(tmp_path / "x.png")
    return tmp_path


@pytest.mark.parametrize("files", ["two.npz", "x.png,n.npy", "x.png,n.npz"])
def test_test_inputs_of_several_kinds(run, inputs: Path, files: str) -> None:
    model = two_inputs(inputs / "two.onnx")
    image = () if files == "two.npz" else ("--preprocess_list", "1", "--scale", "0.01,0.01,0.01", "--mean", "0,0,0")
    status, out, err = transform(run, model, "--test_input", files, "--test_result", "top.npz", *image)
    assert (status, err) == (0, "")
    assert "onnxruntime / Top" in out


def test_one_file_per_input_is_needed(run, inputs: Path) -> None:
    model = two_inputs(inputs / "two.onnx")
    status, _, err = transform(run, model, "--test_input", "x.png,n.npy,n.npz", "--test_result", "top.npz")
    assert status == 1
    one_sentence(err, "3 files", "2 inputs")


@pytest.mark.parametrize("types", ["float32,int64", "float16,bool", "F32,int32"])
def test_input_types_that_agree_with_the_file(run, tmp_path: Path, types: str) -> None:
    status, _, err = transform(run, two_inputs(tmp_path / "two.onnx"), "--input_types", types)
    assert (status, err) == (0, "")


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ("int32", ["'int32'", "'x'", "floating point"]),
        ("float32,float32", ["'float32'", "'n'", "integers"]),
        ("float32,int32,int32", ["3 types", "2 inputs"]),
        ("float32,word", ["'word'", "float32", "int64"]),
    ],
)
def test_input_types_that_contradict_the_file(run, tmp_path: Path, types: str, words: list[str]) -> None:
    status, _, err = transform(run, two_inputs(tmp_path / "two.onnx"), "--input_types", types)
    assert status == 1
    one_sentence(err, *words)
    assert not (tmp_path / "net.mlir").exists()


@pytest.mark.parametrize("source", ["net.mlir", "net_origin.mlir"])
def test_a_top_module_is_a_source(run, network: Path, sample: Path, tmp_path: Path, source: str) -> None:
    status, _, _ = transform(run, network, "--debug")
    assert status == 0
    status, out, err = transform(
        run, source, "--test_input", "in.npz", "--test_result", "again.npz", name="again", mlir="again.mlir"
    )
    assert (status, err) == (0, "")
    assert "the file itself / Top" in out
    first, again = (tmp_path / "net.mlir").read_text(), (tmp_path / "again.mlir").read_text()
    assert again.replace("again", "net") == first
    with np.load("net_top_f32_all_weight.npz") as left, np.load("again_top_f32_all_weight.npz") as right:
        assert {name: left[name].tobytes() for name in left.files} == {n: right[n].tobytes() for n in right.files}


def test_a_top_module_is_cut_and_gets_preprocessing(run, network: Path, tmp_path: Path) -> None:
    assert transform(run, network)[0] == 0
    text = (tmp_path / "net.mlir").read_text()
    middle = next(line.split('"')[1] for line in text.splitlines() if line.startswith("#loc") and "_Relu" in line)
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "x.png")
    status, out, err = transform(
        run, "net.mlir", "--output_names", middle, "--mean", "1,2,3", "--test_input", "x.png", "--test_result", "c.npz",
        name="cut", mlir="cut.mlir",
    )  # fmt: skip
    assert (status, err) == (0, "")
    cut = (tmp_path / "cut.mlir").read_text()
    assert cut.count('"top.') < text.count('"top.')
    assert "do_preprocess = true" in cut


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--output_names", "zzz"], ["zzz", "no tensor"]),
        (["--input_shapes", "[[1,3,9,9]]"], ["[1, 3, 8, 8]", "[1, 3, 9, 9]"]),
    ],
)
def test_what_a_top_module_cannot_become(run, network: Path, option: list[str], words: list[str]) -> None:
    assert transform(run, network)[0] == 0
    status, _, err = transform(run, "net.mlir", *option, name="again", mlir="again.mlir")
    assert status == 1
    one_sentence(err, *words)


def test_a_tpu_module_is_no_source(run, network: Path) -> None:
    assert transform(run, network)[0] == 0
    options = ("--quantize", "F32", "--chip", "bm1684x", "--model", "n.bmodel", "--not_gen_bmodel")
    assert run("model_deploy", "--mlir", "net.mlir", *options)[0] == 0
    status, _, err = transform(run, "net_bm1684x_f32_tpu.mlir", name="again", mlir="again.mlir")
    assert status == 1
    one_sentence(err, "net_bm1684x_f32_tpu.mlir", "no Top module", "TPU_LOWERED")


def test_cache_skip(run, network: Path, sample: Path, tmp_path: Path) -> None:
    options = ("--test_input", "in.npz", "--test_result", "top.npz", "--cache_skip")
    assert "onnxruntime / Top: compared before" not in transform(run, network, *options)[1]
    made = (tmp_path / "top.npz").stat().st_mtime_ns
    status, out, _ = transform(run, network, *options)
    assert status == 0
    assert "compared before, nothing has changed" in out
    assert (tmp_path / "top.npz").stat().st_mtime_ns == made
    time.sleep(0.01)
    np.savez(tmp_path / "in.npz", x=np.ones((1, 3, 8, 8), np.float32))
    assert "compared before" not in transform(run, network, *options)[1]
    assert "compared before" not in transform(run, network, *options, "--tolerance", "0.9,0.9")[1]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--dynamic"], ["--dynamic", "--input_shapes", "model_tool --combine"]),
        (["--dynamic_shape_input_names", "x"], ["--dynamic_shape_input_names", "--input_shapes"]),
        (["--shape_influencing_input_names", "x"], ["--shape_influencing_input_names", "--output_names"]),
        (["--pruning", "p.json"], ["--pruning", "before exporting"]),
        (["--op_custom_shape", "{}"], ["--op_custom_shape", "depend on data"]),
    ],
)
def test_what_is_refused_says_what_to_do(run, network: Path, option: list[str], words: list[str]) -> None:
    status, _, err = transform(run, network, *option)
    assert status == 1
    one_sentence(err, *words)


def test_an_op_with_an_attribute_called_name(run, tmp_path: Path) -> None:
    """top.Custom has one, which hides the name of the op in its Python class."""
    (tmp_path / "own.mlir").write_text(
        'module @own attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32",\n'
        '  module.top_run_mode = "STATIC", module.weight_file = "w.npz"} {\n'
        "func.func @main(%arg0: tensor<2x3xf32>) -> tensor<3x2xf32> {\n"
        '  %x = "top.Input"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("x")\n'
        '  %y = "top.Custom"(%x) {name = "rotate", params = [{angle = 90 : i64}]} : (tensor<2x3xf32>) -> '
        'tensor<3x2xf32> loc("y")\n'
        "  return %y : tensor<3x2xf32>\n}\n}\n"
    )
    np.savez(tmp_path / "w.npz")
    status, out, err = transform(run, "own.mlir", mlir="again.mlir")
    assert (status, err) == (0, "")
    assert "1 ops" in out
