"""What is fuzzed: one target per kind of file that users bring. A target reads a file as the commands do, and may
refuse it with one sentence; anything else is a finding."""

from __future__ import annotations

import contextlib
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Target:
    """run: reads the file; refusals are UserError or MLIRError. seeds: files to begin with. guided: whether coverage of
    Python code leads the search (atheris), which needs a parser in Python. structure: how mutations see the bytes."""

    name: str
    suffix: str
    run: Callable[[Path], None]
    seeds: Callable[[], Iterator[bytes]]
    guided: bool
    structure: str = "bytes"


def refusals() -> tuple[type[BaseException], ...]:
    """What a reader may raise."""
    from tpu_mlir.errors import UserError
    from tpu_mlir.ir import MLIRError

    return (UserError, MLIRError)


def _canonical(module: object) -> None:
    """The passes of model_transform on a module in memory."""
    from tpu_mlir import pipelines

    pipelines.run(module, pipelines.TRANSFORM)  # type: ignore[arg-type]


def _onnx(path: Path) -> None:
    from tpu_mlir.frontend.onnx import convert_onnx

    _canonical(convert_onnx(path, "net", directory=None).module())


def _onnx_seeds() -> Iterator[bytes]:
    import warnings

    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = [case for case in collect_testcases(None) if case.model is not None]
    models = [case.model.SerializeToString() for case in sorted(cases, key=lambda case: case.name)]
    yield from (data for number, data in enumerate(models) if number % 4 == 0 and len(data) < 20_000)


def _tflite(path: Path) -> None:
    from tpu_mlir.frontend.tflite import convert_tflite

    _canonical(convert_tflite(path, "net", directory=None).module())


def _tflite_seeds() -> Iterator[bytes]:
    for path in sorted((ROOT / "test/python/frontend/tflite/models").glob("*.tflite")):
        yield path.read_bytes()


PROTOTXT = """name: "net" input: "x" input_shape { dim: 1 dim: 4 dim: 6 dim: 6 }
layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
layer { name: "r" type: "ReLU" bottom: "c" top: "c" relu_param { negative_slope: 0.1 } }
layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "e" type: "Eltwise" bottom: "p" bottom: "p" top: "e" eltwise_param { operation: SUM coeff: 1 coeff: -2 } }
layer { name: "s" type: "Slice" bottom: "e" top: "s0" top: "s1" slice_param { axis: 1 slice_point: 1 } }
layer { name: "j" type: "Concat" bottom: "s1" bottom: "s0" top: "j" concat_param { axis: 1 } }
layer { name: "i" type: "InnerProduct" bottom: "j" top: "i" inner_product_param { num_output: 5 } }
layer { name: "o" type: "Softmax" bottom: "i" top: "o" softmax_param { axis: 1 } }
"""
PROTOTXT_V1 = """name: "old" input: "x" input_dim: 1 input_dim: 2 input_dim: 4 input_dim: 4
layers { name: "r" type: RELU bottom: "x" top: "r" }
layers { name: "l" type: LRN bottom: "r" top: "l" lrn_param { local_size: 3 alpha: 0.1 beta: 0.5 } }
layers { name: "f" type: FLATTEN bottom: "l" top: "f" }
"""
PROTOTXT_SHAPES = """name: "shapes" input: "x" input_shape { dim: 2 dim: 3 dim: 4 dim: 5 }
layer { name: "a" type: "Reshape" bottom: "x" top: "a" reshape_param { shape { dim: 0 dim: -1 dim: 5 } } }
layer { name: "b" type: "Permute" bottom: "x" top: "b" permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "c" type: "Crop" bottom: "x" bottom: "x" top: "c" crop_param { axis: 2 offset: 0 } }
layer { name: "d" type: "Power" bottom: "b" top: "d" power_param { power: 2 scale: 0.5 shift: 1 } }
layer { name: "e" type: "Reduction" bottom: "a" top: "e" reduction_param { axis: 1 operation: MEAN } }
layer { name: "f" type: "Interp" bottom: "x" top: "f" interp_param { height: 8 width: 9 } }
layer { name: "g" type: "Upsample" bottom: "x" top: "g" upsample_param { scale: 2 } }
"""


def _weights() -> bytes:
    from tpu_mlir.frontend.caffe.schema import BINARY_CLASSES

    net = BINARY_CLASSES["Net"](name="net")
    for name, kind, shapes in (("c", "Convolution", ((4, 4, 3, 3), (4,))), ("i", "InnerProduct", ((5, 36), (5,)))):
        layer = net.layer.add(name=name, type=kind)
        for shape in shapes:
            blob = layer.blobs.add()
            blob.shape.dim.extend(shape)
            blob.data.extend([0.125] * int(np.prod(shape)))
    return bytes(net.SerializeToString())


def _prototxt(path: Path) -> None:
    from tpu_mlir.frontend.caffe import convert_caffe

    weights = path.with_suffix(".caffemodel")
    if not weights.exists():
        weights.write_bytes(_weights())
    _canonical(convert_caffe(path, "net", weights, directory=None).module())


def _prototxt_seeds() -> Iterator[bytes]:
    yield from (text.encode() for text in (PROTOTXT, PROTOTXT_V1, PROTOTXT_SHAPES))


def _caffemodel(path: Path) -> None:
    from tpu_mlir.frontend.caffe import convert_caffe

    description = path.with_name("fixed.prototxt")
    if not description.exists():
        description.write_text(PROTOTXT, encoding="utf-8")
    _canonical(convert_caffe(description, "net", path, directory=None).module())


def _caffemodel_seeds() -> Iterator[bytes]:
    yield _weights()
    from tpu_mlir.frontend.caffe.schema import BINARY_CLASSES

    old = BINARY_CLASSES["Net"](name="old")
    layer = old.layers.add(name="c")
    for shape in ((4, 4, 3, 3), (1, 1, 1, 4)):
        blob = layer.blobs.add(num=shape[0], channels=shape[1], height=shape[2], width=shape[3])
        blob.data.extend([0.5] * int(np.prod(shape)))
    yield bytes(old.SerializeToString())


NPZ_TYPES = ("f4", "f8", "f2", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?")
_STORED = ("f32", "f32", "f16", "si8", "ui8", "si16", "ui16", "si32", "ui32", "si64", "si64", "ui8")
"""The types that weights of these arrays have."""


def _npz_module() -> str:
    weights = "".join(
        f'  %w{number} = "top.Weight"() : () -> tensor<2x3x{stored}> loc("w{number}")\n'
        for number, stored in enumerate(_STORED)
    )
    head = 'module @m attributes {module.chip = "ALL", module.state = "TOP_F32", module.weight_file = "net.npz"} {\n'
    return f"{head}func.func @main() {{\n{weights}  return\n}}\n}}\n"


def _npz(path: Path) -> None:
    """Read as test input by Python and as weight file by the C++ side."""
    from tpu_mlir import _tpu_mlir, ir, pipelines
    from tpu_mlir.files import load_npz

    module_path = path.with_name("fixed.mlir")
    if not module_path.exists():
        module_path.write_text(_npz_module(), encoding="utf-8")
    module = pipelines.load(module_path, ir.Context())
    found: list[BaseException] = []

    def visit(op: ir.OpView) -> None:
        if op.name == "top.Weight":
            try:
                _tpu_mlir.read_weight(op)
            except refusals() as error:
                found.append(error)

    module.operation.walk(visit)
    load_npz(path)
    if found:
        raise found[0]


def _npz_seeds() -> Iterator[bytes]:
    import io

    random = np.random.default_rng(0)
    arrays = {f"w{n}": (random.random((2, 3)) * 9).astype(kind) for n, kind in enumerate(NPZ_TYPES)}
    for save in (np.savez, np.savez_compressed):
        stream = io.BytesIO()
        save(stream, **arrays)
        yield stream.getvalue()
    stream = io.BytesIO()
    np.savez(stream, w0=np.asfortranarray(arrays["w0"]), w1=np.zeros((0, 3)), w2=np.float16(3))
    yield stream.getvalue()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("notes.txt", "no array")
        for version in ((1, 0), (2, 0), (3, 0)):
            data = io.BytesIO()
            np.lib.format.write_array(data, arrays["w0"].astype("f4"), version=version)
            archive.writestr(f"w{version[0]}.npy", data.getvalue())
    yield stream.getvalue()


def _examples() -> list[Any]:
    """The examples of all Top ops."""
    sys.path.insert(0, str(ROOT / "test" / "support"))
    from example_modules import all_examples

    return list(all_examples("Top"))


def _mlir(path: Path) -> None:
    from tpu_mlir import ir, pipelines

    weights = path.with_name("weights.npz")
    if not weights.exists():
        arrays = {name[1:]: v for example in _examples() for name, v in example.values().items()}
        np.savez(weights, **arrays)
    _canonical(pipelines.load(path, ir.Context()))


def _mlir_seeds() -> Iterator[bytes]:
    for folder in ("Dialect", "Conversion"):
        for path in sorted((ROOT / "test" / folder).rglob("*.mlir")):
            for part in path.read_text(encoding="utf-8").split("// -----"):
                lines = [line for line in part.splitlines() if not line.strip().startswith("//")]
                if any(line.strip() for line in lines):
                    yield "\n".join(lines).strip().encode() + b"\n"
    for example in _examples():
        yield from (variant.assembly().encode() for variant in example.variants())


TABLE_MODULE = """module @m attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32",
  module.top_run_mode = "STATIC", module.weight_file = "w.npz"} {
func.func @main(%arg0: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "top.Input"(%arg0) : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("x")
  %1 = "top.Relu"(%0) : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("y")
  return %1 : tensor<1x4xf32>
}
}
"""


def _table(path: Path) -> None:
    """Read by Python, as the search for mixed precision does, and by the pass."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.calibration.table import read_table

    module_path = path.with_name("fixed.mlir")
    if not module_path.exists():
        module_path.write_text(TABLE_MODULE, encoding="utf-8")
    module = pipelines.load(module_path, ir.Context())
    try:
        pipelines.run(module, [f"import-calibration-table{{file='{path}' asymmetric=true}}"])
    finally:
        read_table(path)


def _table_seeds() -> Iterator[bytes]:
    yield b"# tpu-mlir\n# op_name    threshold    min    max\nx 1.5000000 -1.0000000 2.0000000\ny 1.0 0.0 1.0\n"
    yield b"#asym_op\nx 1.0 -1 1\n"
    yield b"x 1e-38 -1e38 inf\n\ny nan 0 0\n"


def _bmodel(path: Path) -> None:
    from tpu_mlir import _tpu_mlir
    from tpu_mlir.errors import UserError

    model = _tpu_mlir.BModel(str(path))
    for number in range(len(model.networks)):
        for stage in range(model.stage_count(number)):
            model.inputs(number, stage)
            model.outputs(number, stage)
            with contextlib.suppress(UserError):
                model.cycles(number, stage)
            model.hazards(number, stage)


def _bmodel_seeds() -> Iterator[bytes]:
    """A small network, compiled here in F32 and F16."""
    import tempfile

    from tpu_mlir.cli.model_deploy import main as deploy

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mlir = folder / "n.mlir"
        mlir.write_text(TABLE_MODULE, encoding="utf-8")
        np.savez(folder / "w.npz")
        for mode in ("F32", "F16"):
            model = folder / f"{mode}.bmodel"
            if deploy(["--mlir", str(mlir), "--quantize", mode, "--chip", "bm1684x", "--model", str(model)]) == 0:
                yield model.read_bytes()


TARGETS = {
    target.name: target
    for target in (
        Target("onnx", ".onnx", _onnx, _onnx_seeds, guided=True, structure="onnx"),
        Target("tflite", ".tflite", _tflite, _tflite_seeds, guided=True),
        Target("prototxt", ".prototxt", _prototxt, _prototxt_seeds, guided=True, structure="text"),
        Target("caffemodel", ".caffemodel", _caffemodel, _caffemodel_seeds, guided=True, structure="caffemodel"),
        Target("npz", ".npz", _npz, _npz_seeds, guided=False, structure="npz"),
        Target("mlir", ".mlir", _mlir, _mlir_seeds, guided=False, structure="mlir"),
        Target("table", ".txt", _table, _table_seeds, guided=False, structure="text"),
        Target("bmodel", ".bmodel", _bmodel, _bmodel_seeds, guided=False),
    )
}
