"""TFLite files: damage of every kind is one sentence, open sizes, cut networks, and what the command says."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from tflite_models import SAME, Network, check, evaluate, stored, values  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.tflite import convert_tflite  # noqa: E402
from tpu_mlir.frontend.tflite.source import load, parse  # noqa: E402
from tpu_mlir.reference import tflite_tensors  # noqa: E402

MODELS = Path(__file__).parent / "models"
Run = Callable[..., tuple[int, str, str]]


def test_mutated_files_are_read_or_refused_in_a_sentence() -> None:
    random = np.random.default_rng(5)
    read, refused = 0, 0
    for name in ("classifier_float.tflite", "classifier_int8.tflite"):
        data = np.frombuffer((MODELS / name).read_bytes(), np.uint8)
        for _ in range(400):
            damaged = data.copy()
            places = random.integers(8, data.size, random.integers(1, 6))
            damaged[places] = random.integers(0, 256, places.size)
            if random.random() < 0.2:
                damaged = damaged[: random.integers(0, data.size)]
            begin = time.monotonic()
            try:
                convert_tflite(parse(damaged.tobytes(), "net.tflite"), "net", directory=None)
                read += 1
            except FrontendError as error:
                refused += 1
                assert str(error).startswith("net.tflite: ") and "\n" not in str(error)
            assert time.monotonic() - begin < 5
    assert read > 100 and refused > 100


def test_lists_of_fractions_are_no_lists_of_axes() -> None:
    net = Network()
    x = net.input("x", [1, 2, 3, 4])
    axes = net.constant("axes", np.array([np.nan, 1.5], np.float32))
    y = net.op("MEAN", [x, axes], "y", [1, 1, 1, 4], KeepDims=True)
    with pytest.raises(FrontendError, match=r"the list of axes \('axes'\) holds no integers"):
        convert_tflite(parse(net.build(y), "net"), "net", directory=None)


@pytest.mark.parametrize("width, target", [(30212, 7), (786436, 5), (5, 1 << 24), (786436, 786435), (1 << 30, 3)])
def test_resizing_wide_pictures_takes_no_square_of_memory(width: int, target: int) -> None:
    net = Network()
    x = net.input("x", [1, 1, width, 1])
    y = net.op("RESIZE_NEAREST_NEIGHBOR", [x, net.ints("size", 1, target)], "y", [1, 1, target, 1], AlignCorners=True)
    begin = time.monotonic()
    try:
        assert convert_tflite(parse(net.build(y), "net"), "net", directory=None).inputs == {"x": (1, 1, 1, width)}
    except FrontendError as error:
        assert "RESIZE_NEAREST_NEIGHBOR) is not supported" in str(error)
    assert time.monotonic() - begin < 2


def test_other_files_are_not_tflite(tmp_path: Path) -> None:
    path = tmp_path / "a.tflite"
    for content in (b"", b"TFL3", b"PK\x03\x04" * 10):
        path.write_bytes(content)
        with pytest.raises(FrontendError, match="a.tflite: is not a TFLite model"):
            load(path)
    with pytest.raises(FrontendError, match="cannot be read: No such file"):
        load(tmp_path / "missing.tflite")


def opened() -> bytes:
    net = Network()
    x = net.input("x", [1, 6, 6, 3], signature=[-1, 6, 6, 3])
    w, b = net.constant("w", values(4, 3, 3, 3)), net.constant("b", values(4))
    c = net.op("CONV_2D", [x, w, b], "c", [1, 3, 3, 4], Padding=SAME, StrideH=2, StrideW=2)
    m = net.op("MEAN", [c, net.ints("axes", 1, 2)], "m", [1, 4], KeepDims=False)
    return net.build(m, c)


def test_open_sizes_are_given_or_those_of_the_file() -> None:
    check(opened(), {"x": values(1, 6, 6, 3)})
    graph = parse(opened(), "net")
    converted = convert_tflite(graph, "net", input_shapes=[[3, -1, 6, 6]], directory=None)
    assert converted.inputs == {"x": (3, 3, 6, 6)}
    x = values(3, 6, 6, 3)
    expected = tflite_tensors(opened(), {"x": stored(converted, "x", x)}, converted)
    for name, value in evaluate(converted, {"x": x}).items():
        if name in expected:
            np.testing.assert_allclose(value, expected[name], rtol=0, atol=2e-5)


@pytest.mark.parametrize(
    "shapes, sentence",
    [
        ([[1, 3, 8, 6]], r"has the fixed shape \[1, 3, 6, 6\] \(channels first\), --input_shapes gives \[1, 3, 8, 6\]"),
        ([[1, 3, 6]], "has 4 dimensions"),
        ([[1, 3, 6, 6]] * 2, "has 2 shapes for 1 inputs"),
    ],
)
def test_shapes_that_do_not_fit(shapes: list[list[int]], sentence: str) -> None:
    with pytest.raises(FrontendError, match=sentence):
        convert_tflite(parse(opened(), "net"), "net", input_shapes=shapes, directory=None)


def test_a_network_is_cut_at_tensors() -> None:
    converted = convert_tflite(parse(opened(), "net"), "net", output_names=["c"], directory=None)
    assert list(converted.outputs) == ["c"]
    with pytest.raises(FrontendError, match="there is no tensor 'd' to be an output"):
        convert_tflite(parse(opened(), "net"), "net", output_names=["d"], directory=None)


@pytest.mark.parametrize("kind", ["float", "int8", "uint8"])
def test_the_commands_take_a_file_to_a_bmodel(kind: str, run: Run, tmp_path: Path) -> None:
    """The committed networks; quantized ones without a calibration table."""
    sample = tmp_path / "in.npz"
    np.savez(sample, x=values(1, 3, 12, 12))
    model = MODELS / f"classifier_{kind}.tflite"
    made = run(
        "model_transform", "--model_name", "net", "--model_def", model, "--mlir", "net.mlir",
        "--test_input", sample, "--test_result", "top.npz",
    )  # fmt: skip
    assert made[0] == 0, made
    assert "LiteRT / Top: " in made[1] and " tensors pass" in made[1]
    mode = "F16" if kind == "float" else "INT8"
    deployed = run(
        "model_deploy", "--mlir", "net.mlir", "--quantize", mode, "--processor", "bm1684x", "--model", "net.bmodel",
        "--test_input", "net_in_f32.npz", "--test_reference", "top.npz",
    )  # fmt: skip
    assert deployed[0] == 0, deployed
    assert (tmp_path / "net.bmodel").exists()


@pytest.mark.parametrize("kind", ["int8", "uint8"])
def test_whole_networks_stay_within_a_step_of_litert_as_it_runs_by_default(kind: str) -> None:
    """LiteRT's default kernels rescale sums by f32 factors and round to even, as we do."""
    from ai_edge_litert.interpreter import Interpreter

    data = (MODELS / f"classifier_{kind}.tflite").read_bytes()
    converted = convert_tflite(parse(data, "net"), "net", directory=None)
    interpreter = Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    (scale,), (zero,) = (source["quantization_parameters"][key] for key in ("scales", "zero_points"))
    limits = np.iinfo(source["dtype"])
    for seed in range(8):
        x = values(1, 12, 12, 3, seed=seed)
        interpreter.set_tensor(
            source["index"], np.clip(np.rint(x / scale) + zero, limits.min, limits.max).astype(source["dtype"])
        )
        interpreter.invoke()
        (step,), (offset,) = (target["quantization_parameters"][key] for key in ("scales", "zero_points"))
        expected = (interpreter.get_tensor(target["index"]).astype(np.int64) - offset) * step
        got = evaluate(converted, {"x": x})[converted.outputs["probabilities"]]
        np.testing.assert_allclose(got, expected, rtol=0, atol=1.001 * step)


def test_a_wrong_file_ends_the_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.tflite").write_bytes(b"no model")
    status, _, error = run("model_transform", "--model_name", "n", "--model_def", "bad.tflite", "--mlir", "n.mlir")
    assert status == 1 and error.strip().endswith("bad.tflite: is not a TFLite model")
