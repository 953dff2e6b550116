"""NAME_origin.mlir and its weights as the compiler's own IR prints them; the form is that of upstream's files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from onnx_models import compiler_is_built, model, node, values
from tpu_mlir.errors import UserError
from tpu_mlir.frontend import FrontendError
from tpu_mlir.frontend.onnx import convert_onnx
from tpu_mlir.preprocess import Preprocessing

pytestmark = pytest.mark.skipif(not compiler_is_built(), reason="the compiler is not built")

X = values(1, 3, 8, 8)
NODES = [
    node("Conv", "in0 c.weight c.bias", "/c/Conv_output_0", pads=[1, 1, 1, 1]),
    node("Relu", "/c/Conv_output_0", "/Relu_output_0"),
    node("GlobalAveragePool", "/Relu_output_0", "/Pool_output_0"),
    node("Flatten", "/Pool_output_0", "flat"),
    node("Gemm", "flat fc.weight fc.bias", "out0", transB=1),
]
CONSTANTS = {
    "c.weight": values(4, 3, 3, 3),
    "c.bias": values(4),
    "fc.weight": values(5, 4),
    "fc.bias": values(5),
}


def network() -> object:
    return model(NODES, {"in0": X}, CONSTANTS, "out0")


EXPECTED = [
    'module @tiny attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
    'module.top_run_mode = "STATIC", module.weight_file = "tiny_top_f32_all_origin_weight.npz"} {',
    "func.func @main(%arg0: tensor<1x3x8x8xf32> loc(unknown)) -> tensor<*xf32> {",
    '"top.None"() : () -> none loc(#loc)',
    '"top.Weight"() : () -> tensor<4x3x3x3xf32> loc(#loc2)',
    'auto_pad = "NOTSET", dilations = [1, 1], do_relu = false, dynweight_reorderd = false, group = 1 : i64, '
    "kernel_shape = [3, 3], pads = [1, 1, 1, 1], relu_limit = -1.000000e+00 : f64, strides = [1, 1], "
    "weight_is_coeff = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<*xf32>",
    '"top.Flatten"(%6) {end_dim = -1 : i64, start_dim = 1 : i64} : (tensor<*xf32>) -> tensor<*xf32>',
    '#loc1 = loc("in0")',
    '#loc4 = loc("/c/Conv_output_0_Conv")',
    'loc("fc.weight_fix")',
    'loc("out0_Gemm")',
]


def test_the_module_has_upstreams_form(tmp_path: Path) -> None:
    converted = convert_onnx(
        network(), "tiny", directory=tmp_path, preprocess=lambda n, s: Preprocessing().attributes(s)
    )
    assert converted.mlir_path == tmp_path / "tiny_origin.mlir"
    text = converted.mlir_path.read_text()
    for expected in EXPECTED:
        assert expected in text
    assert (
        '{channel_format = "nchw", do_preprocess = true, keep_aspect_ratio = false, keep_ratio_mode = "letterbox", '
        'mean = [0.000000e+00, 0.000000e+00, 0.000000e+00], pad_type = "center", pad_value = 0 : i64, '
        'pixel_format = "bgr", resize_dims = [8, 8], scale = [1.000000e+00, 1.000000e+00, 1.000000e+00], '
        'yuv_type = ""} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> loc(#loc1)'
    ) in text


def test_the_weight_file_is_keyed_by_location(tmp_path: Path) -> None:
    converted = convert_onnx(network(), "tiny", directory=tmp_path)
    assert converted.weight_path == tmp_path / "tiny_top_f32_all_origin_weight.npz"
    with np.load(converted.weight_path) as weights:
        assert set(weights.files) == {"c.weight", "c.bias", "fc.weight_fix", "fc.bias"}
        np.testing.assert_array_equal(weights["fc.weight_fix"], CONSTANTS["fc.weight"].T)
        assert all(weights[name].dtype == np.float32 for name in weights.files)


def test_integer_inputs_are_stored_as_int32(tmp_path: Path) -> None:
    feeds = {"ids": np.zeros((1, 4), np.int64), "x": values(1, 4)}
    proto = model([node("Cast", "ids", "f", to=1), node("Add", "f x", "y")], feeds)
    converted = convert_onnx(proto, "ints", directory=tmp_path)
    assert converted.mlir_path is not None
    text = converted.mlir_path.read_text()
    assert "@main(%arg0: tensor<1x4xsi32> loc(unknown), %arg1: tensor<1x4xf32> loc(unknown))" in text
    assert "(tensor<1x4xsi32>) -> tensor<1x4xf32>" in text


def test_nothing_is_written_for_an_unsupported_model(tmp_path: Path) -> None:
    with pytest.raises(FrontendError):
        convert_onnx(model([*NODES, node("NonZero", "out0", "z")], {"in0": X}, CONSTANTS, "z"), "t", directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        convert_onnx(network(), "tiny", directory=tmp_path / "absent")
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(UserError, match="cannot be written"):
            convert_onnx(network(), "tiny", directory=tmp_path)


def test_conversion_is_reproducible(tmp_path: Path) -> None:
    results = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        converted = convert_onnx(network(), "tiny", directory=tmp_path / name)
        assert converted.mlir_path is not None and converted.weight_path is not None
        results.append((converted.mlir_path.read_bytes(), converted.weight_path.read_bytes()))
    assert results[0] == results[1]
