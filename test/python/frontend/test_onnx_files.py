"""Files: damaged models, external data that tries to leave the model's folder, and outputs that appear whole or not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx_models import model, node, values
from reference_builder import ReferenceBuilder
from tpu_mlir.errors import UserError
from tpu_mlir.frontend import FrontendError
from tpu_mlir.frontend.onnx import convert_onnx
from tpu_mlir.frontend.rehearsal import RehearsalBuilder

X = values(2, 4)
W = values(4, 4, seed=3)


def plain() -> onnx.ModelProto:
    return model(node("MatMul", "x w"), {"x": X}, {"w": W})


def read(path: Path) -> np.ndarray:
    builder = ReferenceBuilder({"x": X})
    convert_onnx(path, "m", builder=builder, directory=None)
    return builder.results[0]


def external(folder: Path, data: dict[str, str], shape: tuple[int, ...] = (4, 4)) -> Path:
    """A model file whose weight is described by the given external-data fields."""
    proto = plain()
    weight = proto.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.dims[:] = shape
    weight.data_location = TensorProto.EXTERNAL
    for key, value in data.items():
        weight.external_data.add(key=key, value=value)
    path = folder / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


def test_external_data_beside_the_model_are_read(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "w.bin").write_bytes(b"12345678" + W.tobytes() + b"rest")
    fields = {"location": "sub/w.bin", "offset": "8", "length": str(W.nbytes)}
    np.testing.assert_allclose(read(external(tmp_path, fields)), X @ W, rtol=1e-5)


def test_links_inside_the_folder_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real.bin").write_bytes(W.tobytes())
    (tmp_path / "w.bin").symlink_to("real.bin")
    np.testing.assert_allclose(read(external(tmp_path, {"location": "w.bin"})), X @ W, rtol=1e-5)


def _absolute(folder: Path) -> str:
    return str(folder.parent / "secret.bin")


def _parent(folder: Path) -> str:
    return "../secret.bin"


def _hidden_parent(folder: Path) -> str:
    return "sub/../../secret.bin"


def _file_link(folder: Path) -> str:
    (folder / "w.bin").symlink_to(folder.parent / "secret.bin")
    return "w.bin"


def _folder_link(folder: Path) -> str:
    (folder / "d").symlink_to(folder.parent)
    return "d/secret.bin"


def _empty(folder: Path) -> str:
    return ""


@pytest.mark.parametrize("attack", [_absolute, _parent, _hidden_parent, _file_link, _folder_link, _empty])
def test_external_data_never_leave_the_folder(tmp_path: Path, attack: Callable[[Path], str]) -> None:
    (tmp_path / "secret.bin").write_bytes(W.tobytes())
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    with pytest.raises(FrontendError, match="outside the model's folder"):
        read(external(folder, {"location": attack(folder)}))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"location": "none.bin"}, "does not exist"),
        ({"location": "."}, "does not exist"),
        ({"location": "w.bin", "offset": "4"}, "does not hold the 64 bytes"),
        ({"location": "w.bin", "offset": "-4"}, "does not hold"),
        ({"location": "w.bin", "length": "12"}, "does not hold"),
        ({"location": "w.bin", "offset": "nine"}, "not a number"),
    ],
)
def test_external_data_must_fit(tmp_path: Path, fields: dict[str, str], message: str) -> None:
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    with pytest.raises(FrontendError, match=message):
        read(external(tmp_path, fields))


def test_external_data_with_huge_dimensions_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    with pytest.raises(FrontendError, match="does not hold"):
        read(external(tmp_path, {"location": "w.bin"}, (1 << 40, 1 << 40)))
    with pytest.raises(FrontendError, match="negative dimension"):
        read(external(tmp_path, {"location": "w.bin"}, (-4, -4)))


def test_large_external_weights_are_read_by_offset(tmp_path: Path) -> None:
    """A sparse data file beyond 2 GiB: only the needed bytes are touched."""
    with open(tmp_path / "w.bin", "wb") as file:
        file.seek(3 << 30)
        file.write(W.tobytes())
    fields = {"location": "w.bin", "offset": str(3 << 30)}
    np.testing.assert_allclose(read(external(tmp_path, fields)), X @ W, rtol=1e-5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_garbage_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "garbage.onnx"
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_truncated_and_damaged_models_are_refused_or_read(tmp_path: Path) -> None:
    """Every prefix, and many flipped bytes, of a real model: an error of ours, or a model that is still whole."""
    whole = model(
        [node("Conv", "x w b", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "y")],
        {"x": values(1, 2, 4, 4)},
        {"w": values(3, 2, 3, 3), "b": values(3)},
    ).SerializeToString()
    generator = np.random.default_rng(5)
    variants = [whole[:size] for size in range(0, len(whole), 3)]
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[generator.integers(len(whole))] = generator.integers(256)
        variants.append(bytes(damaged))
    refused = 0
    path = tmp_path / "damaged.onnx"
    for data in variants:
        path.write_bytes(data)
        try:
            convert_onnx(path, "m", builder=RehearsalBuilder(), directory=None)
        except UserError as error:
            assert str(error).count("\n") == 0
            refused += 1
    assert refused > 200


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path / "absent.onnx")
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path)


def test_damaged_initializer(tmp_path: Path) -> None:
    proto = plain()
    proto.graph.initializer[0].raw_data = b"123"
    path = tmp_path / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(FrontendError, match="tensor 'w' is damaged"):
        read(path)


def test_a_parsed_model_cannot_have_external_data() -> None:
    proto = plain()
    proto.graph.initializer[0].data_location = TensorProto.EXTERNAL
    proto.graph.initializer[0].external_data.add(key="location", value="w.bin")
    with pytest.raises(FrontendError, match="read from a file"):
        convert_onnx(proto, "m", builder=ReferenceBuilder({"x": X}), directory=None)


def test_packed_four_bit_external_weights(tmp_path: Path) -> None:
    numbers = np.array([-8, -1, 0, 7], np.float32)
    tensor = helper.make_tensor("q", TensorProto.INT4, [4], numbers.astype(np.int8).tolist())
    proto = model([node("Cast", "q", "f", to=TensorProto.FLOAT), node("Add", "x f", "y")], {"x": X}, opset=21)
    packed = proto.graph.initializer.add()
    packed.CopyFrom(tensor)
    raw = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor), "q").raw_data
    packed.ClearField("int32_data")
    packed.data_location = TensorProto.EXTERNAL
    packed.external_data.add(key="location", value="q.bin")
    (tmp_path / "q.bin").write_bytes(raw)
    path = tmp_path / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    np.testing.assert_allclose(read(path), X + numbers)


def test_a_pipe_as_external_data_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "w.bin")
    with pytest.raises(FrontendError, match="does not exist"):
        read(external(tmp_path, {"location": "w.bin"}))
