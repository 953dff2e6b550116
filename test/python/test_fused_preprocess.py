"""Networks that take frames of bytes give what they give for prepared pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from PIL import Image
from tpu_mlir import ir, pipelines
from tpu_mlir.deploy import DeployOptions, deploy
from tpu_mlir.errors import UserError
from tpu_mlir.evaluation import evaluate_module
from tpu_mlir.files import load_npz
from tpu_mlir.frames import FORMATS, FrameFormat
from tpu_mlir.frontend.onnx import convert_onnx
from tpu_mlir.inputs import fitting, load_inputs, network_inputs, prepared_frames, random_inputs
from tpu_mlir.preprocess import Preprocessing
from tpu_mlir.runtime.bmodel import BModel

COLORS = [name for name in FORMATS if name != "GRAYSCALE"]
MEAN, SCALE = (103.5, 116.28, 123.675), (0.0174, 0.0175, 0.0171)


def network(channels: int = 3, nhwc: bool = False, batch: int = 1) -> onnx.ModelProto:
    """A convolution of a 10 x 14 picture."""
    random = np.random.default_rng(0)
    shape = [batch, 10, 14, channels] if nhwc else [batch, channels, 10, 14]
    weight = random.standard_normal((4, channels, 3, 3)).astype(np.float32)
    first = [helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2])] if nhwc else []
    nodes = [*first, helper.make_node("Conv", ["t" if nhwc else "x", "w"], ["y"], kernel_shape=[3, 3])]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [batch, 4, 8, 12])],
        [numpy_helper.from_array(weight, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def top(preprocessing: Preprocessing, **options: object) -> ir.Module:
    model = network(**options)  # type: ignore[arg-type]
    converted = convert_onnx(
        model, "net", directory=None, preprocess=lambda name, shape: preprocessing.attributes(shape)
    )
    module = converted.module()
    pipelines.run(module, pipelines.TRANSFORM)
    return module


def lowered(module: ir.Module, mode: str, name: str, aligned: bool = False, table: Path | None = None) -> ir.Module:
    passes = pipelines.Lowering(
        "bm1684x",
        mode,
        fuse_preprocess=True,
        customization_format=name,
        aligned_input=aligned,
        calibration_table=None if table is None else str(table),
    ).passes("w.npz")
    pipelines.run(module, passes)
    return module


def picture(folder: Path, channels: int = 3) -> Path:
    pixels = np.random.default_rng(5).integers(0, 256, (31, 37, channels), dtype=np.uint8)
    path = folder / "picture.png"
    Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels).save(path)
    return path


@pytest.mark.parametrize("pixel_format", ["rgb", "bgr"])
@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("name", COLORS)
def test_frames_are_equal_to_prepared_pictures(tmp_path: Path, name: str, aligned: bool, pixel_format: str) -> None:
    """In F32 up to the rounding of value * scale - mean * scale against (value - mean) * scale."""
    preprocessing = Preprocessing(resize_dims=(16, 20), mean=MEAN, scale=SCALE, pixel_format=pixel_format)
    plain, fused = top(preprocessing), lowered(top(preprocessing), "F32", name, aligned)
    frames = load_inputs([picture(tmp_path)], network_inputs(fused))
    assert frames["x"].dtype == np.uint8 and frames["x"].shape == network_inputs(fused)[0].shape
    prepared = prepared_frames(frames, network_inputs(fused), network_inputs(plain))
    if not name.startswith("YUV"):
        np.testing.assert_array_equal(
            prepared["x"], load_inputs([tmp_path / "picture.png"], network_inputs(plain))["x"]
        )
    expected = evaluate_module(plain, prepared).in_order()[0]
    got = evaluate_module(fused, frames).in_order()[0]
    np.testing.assert_allclose(got, expected, atol=2e-5 if not name.startswith("YUV") else 5e-5)


@pytest.mark.parametrize("mode", ["F16", "BF16"])
def test_half_precision_rounds_the_prepared_values_once(tmp_path: Path, mode: str) -> None:
    preprocessing = Preprocessing(mean=MEAN, scale=SCALE, pixel_format="rgb")
    plain, fused = top(preprocessing), lowered(top(preprocessing), mode, "BGR_PACKED")
    frames = load_inputs([picture(tmp_path)], network_inputs(fused))
    values = evaluate_module(fused, frames, every_tensor=True).values
    prepared = prepared_frames(frames, network_inputs(fused), network_inputs(plain))["x"]
    np.testing.assert_allclose(values["x_preprocess"], prepared, atol=1e-6)


@pytest.mark.parametrize("asymmetric", [False, True])
def test_integers_of_the_calibrated_range(tmp_path: Path, asymmetric: bool) -> None:
    """INT8: the integers of the prepared values differ from those of the float input by the rounding at ties only."""
    preprocessing = Preprocessing(mean=MEAN, scale=SCALE, pixel_format="rgb", resize_dims=(12, 14))
    table = tmp_path / "table"
    table.write_text("x 2.2 -2.1 2.2\ny_Conv 30 -30 30\n")

    def deployed(fuse: bool) -> ir.Module:
        module = top(preprocessing)
        passes = pipelines.Lowering(
            "bm1684x", "INT8", calibration_table=str(table), asymmetric=asymmetric, fuse_preprocess=fuse
        ).passes("w.npz")
        pipelines.run(module, passes)
        return module

    plain, fused = deployed(False), deployed(True)
    frames = load_inputs([picture(tmp_path)], network_inputs(fused))
    prepared = prepared_frames(frames, network_inputs(fused), network_inputs(plain))
    expected = evaluate_module(plain, prepared).in_order()[0]
    got = evaluate_module(fused, frames).in_order()[0]
    step = 30 / 127
    assert np.abs(got - expected).max() <= 1.01 * step and np.mean(got != expected) < 0.02


def test_channels_last_batches_and_gray(tmp_path: Path) -> None:
    path = picture(tmp_path)
    for name, channels, nhwc, batch in (
        ("RGB_PLANAR", 3, True, 1),
        ("BGR_PACKED", 3, True, 2),
        ("GRAYSCALE", 1, False, 2),
        ("RGBA_PLANAR", 4, False, 1),
    ):
        preprocessing = Preprocessing(
            mean=MEAN[:1] if channels == 1 else MEAN,
            scale=SCALE[:1] if channels == 1 else SCALE,
            pixel_format={1: "gray", 3: "bgr", 4: "rgba"}[channels],
            channel_format="nhwc" if nhwc else "nchw",
        )
        options = {"channels": channels, "nhwc": nhwc, "batch": batch}
        plain, fused = top(preprocessing, **options), lowered(top(preprocessing, **options), "F32", name)
        frames = load_inputs([path], network_inputs(fused))
        prepared = load_inputs([path], network_inputs(plain))
        expected, got = evaluate_module(plain, prepared).in_order()[0], evaluate_module(fused, frames).in_order()[0]
        np.testing.assert_allclose(got, expected, atol=2e-5)


def test_pictures_without_mean_and_scale_stay_bytes(tmp_path: Path) -> None:
    preprocessing = Preprocessing(pixel_format="bgr")
    fused = lowered(top(preprocessing), "F32", "")
    assert "tpu.Scale" not in str(fused.operation.get_asm(enable_debug_info=False))
    spec = network_inputs(fused)[0]
    assert spec.preprocessing is not None and spec.preprocessing.frame == FrameFormat("BGR_PLANAR")
    frames = load_inputs([picture(tmp_path)], [spec])
    plain = top(preprocessing)
    prepared = load_inputs([tmp_path / "picture.png"], network_inputs(plain))
    np.testing.assert_allclose(
        evaluate_module(fused, frames).in_order()[0], evaluate_module(plain, prepared).in_order()[0], rtol=1e-5
    )


@pytest.mark.parametrize("mode", ["F32", "F16"])
@pytest.mark.parametrize("name, aligned", [("BGR_PACKED", False), ("RGB_PLANAR", True), ("YUV_NV12", False)])
def test_bmodels_take_frames(tmp_path: Path, mode: str, name: str, aligned: bool) -> None:
    preprocessing = Preprocessing(resize_dims=(12, 16), mean=MEAN, scale=SCALE, pixel_format="bgr")
    fused = lowered(top(preprocessing), mode, name, aligned)
    frames = load_inputs([picture(tmp_path)], network_inputs(fused))
    expected = evaluate_module(fused, frames).in_order()[0]
    pipelines.run(fused, pipelines.final())
    pipelines.run(fused, pipelines.codegen(tmp_path / "net.bmodel"))
    got = next(iter(BModel(tmp_path / "net.bmodel").run(frames).values()))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5 if mode == "F32" else 5e-3)


@pytest.mark.parametrize(
    "name, options, message",
    [
        ("GBRG_RAW", {}, "sensor data .* convert them to RGB before"),
        ("YUV444", {}, "is none of RGB_PLANAR"),
        ("GRAYSCALE", {}, "have 1 channels, the network takes 3"),
        ("YUV_NV12", {"resize_dims": (11, 15)}, "even sizes"),
    ],
)
def test_what_cannot_be_fused(name: str, options: dict[str, tuple[int, int]], message: str) -> None:
    preprocessing = Preprocessing(pixel_format="bgr", **options)  # type: ignore[arg-type]
    with pytest.raises(ir.MLIRError, match=message):
        lowered(top(preprocessing), "F32", name)


def test_inputs_that_are_no_pictures() -> None:
    with pytest.raises(ir.MLIRError, match="no input is a picture"):
        lowered(top(Preprocessing(channel_format="none")), "F32", "")


def test_values_that_are_no_bytes_are_refused() -> None:
    spec = network_inputs(lowered(top(Preprocessing()), "F32", ""))[0]
    with pytest.raises(UserError, match="no bytes"):
        fitting({"x": np.full(spec.shape, 0.5, np.float32)}, spec, "file")
    assert random_inputs([spec], 0)["x"].dtype == np.uint8


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("aligned", [False, True])
def test_frames_can_be_taken_apart_again(name: str, aligned: bool) -> None:
    layout = FrameFormat(name, aligned)
    pixels = np.random.default_rng(1).integers(40, 200, (4, 6, 1), dtype=np.uint8)
    image = np.broadcast_to(pixels, (4, 6, layout.channels))
    frame = layout.pack(image)
    assert not aligned or frame.shape[-1] % 32 == 0
    np.testing.assert_allclose(layout.unpack(frame[0], 6).astype(np.float32), image, atol=1)


@pytest.mark.parametrize("mode", ["F16", "INT8"])
def test_model_deploy_takes_pictures(tmp_path: Path, mode: str) -> None:
    """The whole flow: the reference is evaluated on the values that the frames stand for; both are kept as files."""
    preprocessing = Preprocessing(resize_dims=(12, 16), mean=MEAN, scale=SCALE, pixel_format="rgb")
    pipelines.run(top(preprocessing), ["deinit"], tmp_path / "net.mlir")
    table = tmp_path / "table"
    table.write_text("x 2.2 -2.1 2.2\ny_Conv 12 -12 12\n")
    options = DeployOptions(
        mlir=tmp_path / "net.mlir",
        mode=mode,
        chip="bm1684x",
        model=tmp_path / "net.bmodel",
        calibration_table=table if mode == "INT8" else None,
        fuse_preprocess=True,
        customization_format="BGR_PACKED",
        test_input=[picture(tmp_path)],
    )
    report = deploy(options)
    assert not report.failures and report.stages[-1].comparison is not None
    frames = load_npz(tmp_path / "net_in_ori.npz", "frames")
    assert frames["x"].dtype == np.uint8 and frames["x"].shape == (1, 12, 16, 3)
    assert load_npz(tmp_path / "net_in_f32.npz", "values")["x"].shape == (1, 3, 10, 14)
    assert next(iter(BModel(tmp_path / "net.bmodel").run(frames).values())).shape == (1, 4, 8, 12)
    with pytest.raises(UserError, match="its preprocessing is fused: give a picture"):
        deploy(replace(options, test_input=[tmp_path / "net_in_f32.npz"]))
