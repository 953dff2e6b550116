"""The whole way of small networks: ONNX, Top, Tpu, bmodel, through the commands."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from command_support import one_sentence, small_network
from tpu_mlir import ir, pipelines
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.runtime.bmodel import BModel

SMALLEST_COSINE = {"F32": 0.99999, "F16": 0.999, "BF16": 0.99}


def transform(run, network, sample):
    return run(
        "model_transform", "--model_name", "small", "--model_def", network, "--mlir", "small.mlir",
        "--test_input", sample, "--test_result", "top.npz",
    )  # fmt: skip


def deploy(run, mode, *more):
    return run(
        "model_deploy",
        "--mlir",
        "small.mlir",
        "--quantize",
        mode,
        "--chip",
        "bm1684x",
        "--model",
        "small.bmodel",
        *more,
    )


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    x, y = a.reshape(-1).astype(np.float64), b.reshape(-1).astype(np.float64)
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
def test_from_onnx_to_the_simulated_bmodel(run, network, sample, tmp_path, mode):
    status, out, err = transform(run, network, sample)
    assert status == 0, err
    assert "tensors pass" in out
    status, out, err = deploy(run, mode, "--test_input", "small_in_f32.npz", "--test_reference", "top.npz")
    assert status == 0, err
    assert "bmodel / Tpu" in out
    assert run("model_runner", "--input", sample, "--model", network, "--output", "want.npz")[0] == 0
    assert run("model_runner", "--input", sample, "--model", "small.bmodel", "--output", "got.npz")[0] == 0
    with np.load(tmp_path / "want.npz") as want, np.load(tmp_path / "got.npz") as got:
        (expected,), (computed,) = want.values(), got.values()
    assert cosine(expected, computed) >= SMALLEST_COSINE[mode]


def test_a_picture_is_prepared_as_the_options_say(run, network, tmp_path):
    from PIL import Image

    pixels = np.random.default_rng(2).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    status, _, err = run(
        "model_transform", "--model_name", "small", "--model_def", network, "--mlir", "small.mlir",
        "--mean", "10,20,30", "--scale", "0.5,0.25,2", "--pixel_format", "rgb",
        "--test_input", "picture.png", "--test_result", "top.npz",
    )  # fmt: skip
    assert status == 0, err
    expected = (pixels.astype(np.float32) - [10, 20, 30]) * [0.5, 0.25, 2]
    with np.load(tmp_path / "small_in_f32.npz") as arrays:
        assert np.array_equal(arrays["x"], expected.transpose(2, 0, 1)[np.newaxis].astype(np.float32))
    # The module keeps the preparation, so model_deploy takes the picture too.
    status, _, err = deploy(run, "F16", "--test_input", "picture.png", "--test_reference", "top.npz")
    assert status == 0, err


def test_files_are_named_as_upstream_names_them_and_intermediate_ones_go(run, network, sample, tmp_path):
    transform(run, network, sample)
    assert files(tmp_path) == {
        "small.onnx", "in.npz", "small_origin.mlir", "small.mlir", "small_top_f32_all_weight.npz", "small_in_f32.npz",
        "top.npz",
    }  # fmt: skip
    before = files(tmp_path)
    assert deploy(run, "F16", "--test_input", "small_in_f32.npz", "--test_reference", "top.npz")[0] == 0
    assert files(tmp_path) - before == {
        "small_bm1684x_f16_tpu.mlir", "small_bm1684x_f16_final.mlir", "small_tpu_addressed_bm1684x_f16_weight.npz",
        "small.bmodel", "small.bmodel.json", "small", "small_bm1684x_f16.layer_group_cache.json",
    }  # fmt: skip
    assert {"compilation.bmodel", "final.mlir", "input_ref_data.dat", "output_ref_data.dat"} == files(
        tmp_path / "small"
    )


def test_debug_keeps_intermediate_files(run, network, sample, tmp_path):
    status, _, _ = run(
        "model_transform", "--model_name", "small", "--model_def", network, "--mlir", "small.mlir", "--debug",
        "--test_input", sample, "--test_result", "top.npz",
    )  # fmt: skip
    assert status == 0
    assert {"small_ref_outputs.npz", "small_top_f32_all_origin_weight.npz"} <= files(tmp_path)
    assert deploy(run, "F16", "--test_input", "small_in_f32.npz", "--debug", "--compare_all")[0] == 0
    assert {"small_bm1684x_f16_tpu_weights.npz", "small_bm1684x_f16_tpu_outputs.npz"} <= files(tmp_path)
    status, out, _ = run(
        "model_runner", "--input", sample, "--model", "small_bm1684x_f16_tpu.mlir", "--dump_all_tensors", "--output",
        "all.npz",
    )  # fmt: skip
    assert status == 0
    with np.load(tmp_path / "all.npz") as every:
        assert {"x", "x_f16"} <= set(every.files) or len(every.files) > 4


def test_two_compilations_give_the_same_bytes(run, network, sample, tmp_path):
    transform(run, network, sample)
    assert deploy(run, "F16")[0] == 0
    first = (tmp_path / "small.bmodel").read_bytes()
    assert deploy(run, "F16")[0] == 0
    assert (tmp_path / "small.bmodel").read_bytes() == first


def test_files_go_where_the_outputs_go_whatever_the_working_directory(run, network, sample, tmp_path):
    (tmp_path / "o").mkdir()
    status, _, err = run(
        "model_transform", "--model_name", "n", "--model_def", network, "--mlir", "o/n.mlir", "--test_input", sample,
        "--test_result", "o/top.npz",
    )  # fmt: skip
    assert status == 0, err
    status, _, err = run(
        "model_deploy", "--mlir", "o/n.mlir", "--chip", "bm1684x", "--model", "o/n.bmodel", "--gen_test_input"
    )
    assert status == 0, err
    assert files(tmp_path) == {"small.onnx", "in.npz", "o"}


def test_engine_order_does_not_change_results(run, network, sample, tmp_path):
    transform(run, network, sample)
    assert deploy(run, "F16")[0] == 0
    with np.load(sample) as arrays:
        inputs = dict(arrays)
    model = BModel(tmp_path / "small.bmodel")
    first = model.run(inputs)
    for schedule, seed in (("tiu", 0), ("random", 1), ("random", 2)):
        for name, value in model.run(inputs, schedule=schedule, seed=seed).items():
            assert np.array_equal(value, first[name])
    assert model.hazards() == []
    assert model.cycles()["total_cycles"] > 0


def test_evaluation_and_simulation_release_the_gil(run, tmp_path):
    small_network(tmp_path / "wide.onnx", channels=512, batch=16)
    status, _, err = run("model_transform", "--model_name", "w", "--model_def", "wide.onnx", "--mlir", "w.mlir")
    assert status == 0, err
    assert run("model_deploy", "--mlir", "w.mlir", "--chip", "bm1684x", "--model", "w.bmodel")[0] == 0
    inputs = {"x": np.ones((16, 3, 8, 8), np.float32)}
    interpreter = ModuleInterpreter(pipelines.load(tmp_path / "w.mlir", ir.Context()))
    model = BModel(tmp_path / "w.bmodel")
    for call in (interpreter.run, model.run):
        ticks = 0
        stop = threading.Event()

        def tick(stop: threading.Event = stop) -> None:
            nonlocal ticks
            while not stop.wait(0.0002):
                ticks += 1

        thread = threading.Thread(target=tick)
        thread.start()
        before = ticks
        end = time.perf_counter() + 0.5
        longest = 0
        while time.perf_counter() < end:
            start = ticks
            call(inputs)
            longest = max(longest, ticks - start)
        stop.set()
        thread.join()
        assert ticks > before
        assert longest > 2, "the other thread stood still during a call"


def test_an_interpreter_serves_many_inputs_and_refuses_a_changed_module(run, network, sample, tmp_path):
    transform(run, network, sample)
    module = pipelines.load(tmp_path / "small.mlir", ir.Context())
    interpreter = ModuleInterpreter(module)
    assert interpreter.input_names == ["x"]
    with np.load(sample) as arrays:
        x = arrays["x"]
    one = interpreter.run({"x": x}).in_order()[0]
    zero = interpreter.run({"x": np.zeros_like(x)}).in_order()[0]
    assert not np.array_equal(one, zero)
    assert np.array_equal(interpreter.run({"x": x}).in_order()[0], one)
    with module.context:
        ir.PassManager.parse("builtin.module(canonicalize)").run(module)
    with pytest.raises(RuntimeError, match="changed"):
        interpreter.run({"x": x})


def test_a_wrong_result_is_reported_with_its_tensor(run, network, sample, tmp_path):
    transform(run, network, sample)
    with np.load(tmp_path / "top.npz") as arrays:
        wrong = {name: -value for name, value in arrays.items()}
    np.savez(tmp_path / "wrong.npz", **wrong)
    status, out, err = deploy(run, "F32", "--test_input", "small_in_f32.npz", "--test_reference", "wrong.npz")
    assert status == 1
    assert "y_Gemm" in out
    one_sentence(err, "Tpu / Top", "0 of 1")
    assert not (tmp_path / "small.bmodel").exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--quantize", "INT8"], ["INT8", "run_calibration.py small.mlir"]),
        (["--quantize", "INT4"], ["INT4", "INT8", "W4F16"]),
        (["--quantize", "QDQ"], ["QuantizeLinear", "INT8"]),
        (["--chip", "bm1684"], ["bm1684", "bm1684x"]),
        (["--calibration_table", "t"], ["calibration table", "t"]),
        (["--calibration_table", "in.npz"], ["calibration table", "in.npz"]),
        (["--calibration_table", "good_table"], ["calibration table", "F32"]),
        (["--asymmetric"], ["--asymmetric", "F32"]),
        (["--quant_mode", "OnlyScale"], ["--quant_mode", "F32"]),
        (["--quant_mode", "Best"], ["--quant_mode", "MultiplierShift"]),
        (["--matmul_perchannel"], ["--matmul_perchannel", "F32"]),
        (["--q_group_size", "32"], ["--q_group_size", "W4F16"]),
        (["--quantize", "W4F16", "--q_group_size", "-1"], ["--q_group_size", "-1"]),
        (["--q_symmetric"], ["--q_symmetric", "W4F16"]),
        (["--quant_input_list", "2"], ["--quant_input_list", "1 input"]),
        (["--quant_output_list", "0"], ["--quant_output_list", "from 1"]),
        (["--quant_output_list", "a"], ["--quant_output_list", "'a'"]),
        (["--quant_output_bf16", "--quant_output_int8"], ["--quant_output_bf16", "--quant_output_int8"]),
        (["--customization_format", "RGB_PACKED"], ["--customization_format", "--fuse_preprocess"]),
        (["--aligned_input"], ["--aligned_input", "--fuse_preprocess"]),
        (["--test_input", "in.npz", "--excepts", "y_Gem"], ["y_Gem", "y_Gemm"]),
        (["--num_core", "2"], ["--num_core"]),
        (["--dynamic"], ["--dynamic"]),
        (["--test_input", "missing.npz"], ["missing.npz"]),
        (["--test_reference", "top.npz"], ["--test_input"]),
        (["--tolerance", "high"], ["high"]),
        (["--model", "no/such/dir/m.bmodel"], ["no/such/dir"]),
        (["--mlir", "missing.mlir"], ["missing.mlir"]),
        (["--mlir", "small_bm1684x_f32_tpu.mlir"], ["TPU_LOWERED"]),
        (["--nonsense"], ["--nonsense"]),
    ],
)
def test_what_model_deploy_cannot_do_is_one_sentence(run, network, sample, tmp_path, option, words):
    transform(run, network, sample)
    deploy(run, "F32", "--not_gen_bmodel")
    (tmp_path / "good_table").write_text("x 1.0 -1.0 1.0\n")
    before = files(tmp_path)
    status, _, err = deploy(run, "F32", *option)
    assert status == 1
    one_sentence(err, *words)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--model_def", "missing.onnx"], ["missing.onnx"]),
        (["--model_def", "net.h5"], ["net.h5", "ONNX"]),
        (["--model_def", "in.npz"], ["in.npz", "ONNX"]),
        (["--mlir", "no/such/dir/m.mlir"], ["no/such/dir"]),
        (["--input_shapes", "[[1,3"], ["[[1,3"]),
        (["--input_shapes", "[[1,3,8,8],[1]]"], ["2 shapes", "1 inputs"]),
        (["--output_names", "zzz"], ["zzz"]),
        (["--test_input", "in.npz", "--test_result", "no/such/dir/t.npz"], ["no/such/dir"]),
        (["--test_input", "in.npz"], ["--test_result"]),
        (["--test_input", "other.npz", "--test_result", "t.npz"], ["'x'", "z"]),
        (["--test_input", "shape.npz", "--test_result", "t.npz"], ["[1, 3, 4, 4]", "[1, 3, 8, 8]"]),
        (["--test_input", "text.png", "--test_result", "t.npz"], ["text.png"]),
        (["--dynamic"], ["--dynamic"]),
        (["--add_postprocess", "yolov5"], ["yolov5", "'y_Gemm' of shape 1x5", "--output_names"]),
        (["--add_postprocess", "yolov8_seg"], ["--add_postprocess", "masks"]),
        (["--add_postprocess", "yolov9"], ["--add_postprocess", "yolov9", "yolov11 and ssd"]),
        (["--resize_dims", "8"], ["--resize_dims"]),
        (["--model_name", "a/b"], ["a/b"]),
    ],
)
def test_what_model_transform_cannot_do_is_one_sentence_and_leaves_nothing(
    run, network, sample, tmp_path, option, words
):
    np.savez(tmp_path / "other.npz", z=np.zeros(3))
    np.savez(tmp_path / "shape.npz", x=np.zeros((1, 3, 4, 4), np.float32))
    (tmp_path / "text.png").write_text("no picture")
    before = files(tmp_path)
    status, _, err = run(
        "model_transform", "--model_name", "small", "--model_def", network, "--mlir", "small.mlir", *option
    )
    assert status == 1
    one_sentence(err, *words)
    assert files(tmp_path) == before


@pytest.mark.parametrize("suffix", ["onnx", "mlir", "bmodel"])
def test_damaged_models_are_refused_in_one_sentence(run, network, sample, tmp_path, suffix):
    transform(run, network, sample)
    deploy(run, "F32")
    good = (tmp_path / f"small.{suffix}").read_bytes()
    random = np.random.default_rng(11)
    samples = [b"", good[: len(good) // 2], good[: len(good) - 7], bytes(random.integers(0, 256, 300, np.uint8))]
    for _ in range(25):
        damaged = bytearray(good)
        for _ in range(4):
            damaged[random.integers(min(len(damaged), 4000))] = random.integers(256)
        samples.append(bytes(damaged))
    broken = tmp_path / f"broken.{suffix}"
    (tmp_path / "small_top_f32_all_weight.npz").exists()
    refused = 0
    for content in samples:
        broken.write_bytes(content)
        status, _, err = run("model_runner", "--input", sample, "--model", broken, "--output", "o.npz")
        if status:
            refused += 1
            one_sentence(err)
            assert not (tmp_path / "o.npz").exists()
        else:
            (tmp_path / "o.npz").unlink()
    assert refused >= 4


def test_missing_weights_are_named(run, network, sample, tmp_path):
    transform(run, network, sample)
    (tmp_path / "small_top_f32_all_weight.npz").unlink()
    status, _, err = deploy(run, "F32")
    assert status == 1
    one_sentence(err, "small_top_f32_all_weight.npz")
    assert not (tmp_path / "small.bmodel").exists()


def test_an_unsupported_node_is_named(run, tmp_path):
    model = onnx.load(str(small_network(tmp_path / "n.onnx")))
    model.graph.node[1].op_type = "NoSuchOp"
    onnx.save(model, str(tmp_path / "n.onnx"))
    status, _, err = run("model_transform", "--model_name", "n", "--model_def", "n.onnx", "--mlir", "n.mlir")
    assert status == 1
    one_sentence(err, "relu", "NoSuchOp", "opset 13")
    assert files(tmp_path) == {"n.onnx"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_that_cannot_be_written_is_refused_first(run, network, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    status, _, err = run("model_transform", "--model_name", "n", "--model_def", network, "--mlir", "locked/n.mlir")
    assert status == 1
    one_sentence(err, "locked")


def test_runner_mistakes_are_one_sentence(run, network, sample, tmp_path):
    transform(run, network, sample)
    deploy(run, "F16")
    np.savez(tmp_path / "wrong.npz", x=np.zeros((1, 3, 9, 8), np.float32))
    np.savez(tmp_path / "text.npz", x=np.array(["a"]))
    np.savez(tmp_path / "other.npz", z=np.zeros(3))
    for model in ("small.onnx", "small.mlir", "small.bmodel"):
        for file, words in (("wrong.npz", ["x"]), ("other.npz", ["x", "z"]), ("missing.npz", ["missing.npz"])):
            status, _, err = run("model_runner", "--input", file, "--model", model, "--output", "o.npz")
            assert status == 1, (model, file)
            one_sentence(err, *words)
        status, _, err = run("model_runner", "--input", "text.npz", "--model", model, "--output", "o.npz")
        assert status == 1, model
        one_sentence(err)
    for arguments, word in (
        (["--model", "small.bmodel", "--dump_all_tensors"], "_tpu.mlir"),
        (["--model", "small.tflite"], "small.tflite"),
        (["--model", "small.bmodel", "--ip", "a@b"], "--ip"),
        (["--model", "small.bmodel", "--output", "no/such/dir/o.npz"], "no/such/dir"),
    ):
        status, _, err = run("model_runner", "--input", sample, "--output", "o.npz", *arguments)
        assert status == 1
        one_sentence(err, word)
    assert not (tmp_path / "o.npz").exists()


def test_version_and_help_are_there_for_every_command(run):
    for command in (
        "model_transform", "model_deploy", "model_runner", "npz_tool", "run_calibration", "run_qtable", "model_eval",
    ):  # fmt: skip
        status, out, _ = run(command, "--version")
        assert status == 0
        assert command in out
        status, out, _ = run(command, "--help")
        assert status == 0
        assert "usage" in out
