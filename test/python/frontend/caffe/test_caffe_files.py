"""Caffe files: old layers, phases, names, shapes of inputs, damaged files, and the command."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from caffe_models import Net, add_blobs, check, evaluate, kinds, values  # noqa: E402
from tpu_mlir.cli import model_transform  # noqa: E402
from tpu_mlir.errors import UserError  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.caffe import convert_caffe, supported  # noqa: E402
from tpu_mlir.frontend.caffe.graph import CaffeGraph  # noqa: E402
from tpu_mlir.frontend.caffe.source import parse  # noqa: E402

V1 = """
name: "old"
input: "data"
input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1 blobs_lr: 2 weight_decay: 1
         convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "gaussian" std: 0.01 } } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "pool" type: POOLING bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layers { name: "drop" type: DROPOUT bottom: "pool" top: "pool" dropout_param { dropout_ratio: 0.5 } }
layers { name: "fc" type: INNER_PRODUCT bottom: "pool" top: "fc" inner_product_param { num_output: 5 } }
layers { name: "tanh" type: TANH bottom: "fc" top: "fc" }
layers { name: "prob" type: SOFTMAX bottom: "fc" top: "prob" }
"""


def old_network() -> Net:
    net = Net()
    net.text, net.shapes = V1, {"data": (1, 3, 8, 8)}
    for name, kind, blobs in (("conv", 4, [values(4, 3, 3, 3), values(4)]), ("fc", 14, [values(5, 36), values(5)])):
        layer = net.weights.layers.add(name=name)
        layer.MergeFromString(bytes([5 << 3, kind]))  # its type, which only the description needs
        add_blobs(layer, blobs, legacy=True)
    return net


def test_old_layers() -> None:
    net = old_network()
    converted = check(net)
    assert kinds(net.convert()) == ["Conv", "Relu", "AvgPool", "Reshape", "MatMul", "Tanh", "Softmax"]
    assert converted.outputs == {"prob": "prob"}
    assert converted.tensors == {name: name for name in ("data", "conv", "relu", "pool", "fc", "tanh", "prob")}


def test_new_and_old_layers_do_not_mix() -> None:
    with pytest.raises(FrontendError, match="mixes"):
        parse((V1 + 'layer { name: "x" type: "ReLU" bottom: "prob" top: "x" }').encode(), None, "n.prototxt")


def test_layers_of_the_test_phase() -> None:
    net = Net()
    net.shapes = {"data": (1, 2, 3, 3)}
    net.text = """
    layer { name: "train" type: "Data" top: "data" top: "label" include { phase: TRAIN }
            transform_param { mirror: true mean_value: 104 } data_param { source: "x" batch_size: 64 backend: LMDB } }
    layer { name: "test" type: "Input" top: "data" include { phase: TEST } input_param {
            shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
    layer { name: "a" type: "TanH" bottom: "data" top: "a" exclude { phase: TRAIN } }
    layer { name: "b" type: "ReLU" bottom: "a" top: "a" include { stage: "deploy" } }
    layer { name: "c" type: "ReLU" bottom: "a" top: "a" include { min_level: 1 } }
    layer { name: "d" type: "AbsVal" bottom: "a" top: "a" include { phase: TEST max_level: 2 not_stage: "x" } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "a" bottom: "label" top: "loss" include { phase: TRAIN } }
    """
    converted = check(net, {"a": np.abs(np.tanh(net.inputs()["data"]))})
    assert kinds(net.convert()) == ["Tanh", "Abs"]
    assert converted.outputs == {"a": "d"}


def test_names_of_values_written_in_place() -> None:
    net = Net(data=(1, 2, 3, 3)).layer("TanH", "data", "y", name="first")
    net.layer("ReLU", "y", "y", name="second").layer("Power", "y", "y", "power_param { scale: 2 }", name="third")
    x = net.inputs()["data"]
    converted = check(net, {"y": 2 * np.maximum(np.tanh(x), 0)})
    assert converted.tensors == {"data": "data", "y": "y", "second": "second", "third": "third"}
    check(net, {"second": np.maximum(np.tanh(x), 0)}, output_names=["second"])
    check(net, {"first": np.tanh(x)}, output_names=["first"])
    with pytest.raises(FrontendError, match="no blob or layer 'fourth'"):
        net.convert(output_names=["fourth"])
    with pytest.raises(FrontendError, match="named twice"):
        net.convert(output_names=["second", "second"])


def test_input_written_in_place() -> None:
    net = Net(data=(1, 2, 3, 3)).layer("ReLU", "data", "data", name="relu")
    check(net, {"data": np.maximum(net.inputs()["data"], 0)})


def test_shapes_of_inputs() -> None:
    net = Net(data=(1, 2, 3, 4)).layer("TanH", "data", "y")
    assert net.convert(input_shapes=[[5, 2, 3, 4]]).inputs == {"data": (5, 2, 3, 4)}
    assert net.convert(input_shapes=[[2, -1, -1, 6]]).inputs == {"data": (2, 2, 3, 6)}
    for shapes, word in (([[1], [2]], "2 shapes"), ([[0, 2, 3, 4]], "at least 1"), ([[-1, 2]], "could keep")):
        with pytest.raises(FrontendError, match=word):
            net.convert(input_shapes=shapes)
    open_net = Net()
    open_net.text = (
        'layer { name: "d" type: "ImageData" top: "data" top: "label" image_data_param { source: "list" } }\n'
        'layer { name: "y" type: "TanH" bottom: "data" top: "y" }'
    )
    with pytest.raises(FrontendError, match="'data' has no shape; give it with --input_shapes"):
        open_net.convert()
    assert open_net.convert(input_shapes=[[1, 3, 4, 4]]).inputs == {"data": (1, 3, 4, 4)}
    memory = Net()
    memory.text = open_net.text.replace("ImageData", "MemoryData").replace(
        'image_data_param { source: "list" }', "memory_data_param { batch_size: 2 channels: 3 height: 4 width: 5 }"
    )
    assert memory.convert().inputs == {"data": (2, 3, 4, 5)}


def test_preprocessing_is_asked_for_each_input() -> None:
    net = Net(a=(1, 3, 4, 4), b=(1, 3, 4, 4)).layer("Eltwise", "a b", "y")
    asked: list[tuple[str, tuple[int, ...]]] = []

    def preprocess(name: str, shape: tuple[int, ...]) -> dict[str, object]:
        asked.append((name, shape))
        return {"do_preprocess": True} if name == "b" else {}

    text = net.convert(preprocess=preprocess).builder.text()  # type: ignore[attr-defined]
    assert asked == [("a", (1, 3, 4, 4)), ("b", (1, 3, 4, 4))]
    assert text.count("do_preprocess = true") == 1


@pytest.mark.parametrize(
    "text, words",
    [
        ("layer {", "is not a network description"),
        ("layr { }", 'no field named "layr"'),
        ('layer { type: "ReLU" foo_param { } }', 'no field named "foo_param"'),
        ("layers { type: NOPE }", "NOPE"),
        ("", "has no inputs"),
        ('input: "x" input_dim: 1 input_dim: 2', "do not fit its 1 inputs"),
        ('input: "x" input_shape { dim: 1 }', "has no outputs"),
        ('layer { name: "r" type: "ReLU" bottom: "nothing" top: "y" }', "'nothing', which nothing makes"),
        (
            'input: "x" input_shape { dim: 2 } layer { name: "n" type: "Nope" bottom: "x" top: "y" }',
            "layer 'n' .type Nope. is not supported: there is no converter",
        ),
        (
            'input: "x" input_shape { dim: 2 } layer { name: "n" type: "LRN" bottom: "x" top: "y" }'
            'layer { name: "m" type: "Accuracy" bottom: "x" top: "z" }',
            "type LRN.*1 more such layers: Accuracy",
        ),
        (
            'input: "x" input_shape { dim: 2 } layer { name: "m" type: "Accuracy" bottom: "x" top: "z" }',
            "belongs to training",
        ),
        (
            'layer { name: "i" type: "Input" top: "a" top: "b" top: "c" input_param { shape { } shape { } } }',
            "2 shapes for 3 tops",
        ),
        (
            'input: "x" input_shape { dim: 1 dim: 2 } layer { name: "p" type: "PReLU" bottom: "x" top: "y" '
            "blobs { data: 1 shape { dim: 7 } } }",
            "1 values for the shape .7.",
        ),
    ],
)
def test_refused_descriptions(text: str, words: str) -> None:
    with pytest.raises(FrontendError, match=words) as found:
        convert_caffe(parse(text.encode(), None, "net.prototxt"), "net", directory=None)
    assert len(str(found.value).splitlines()) == 1


def test_weights_in_the_description() -> None:
    net = Net(data=(1, 2, 2, 2))
    net.layer("PReLU", "data", "y", "blobs { data: 0.5 data: -1 shape { dim: 2 } }")
    x = net.inputs()["data"]
    check(net, {"y": np.where(x > 0, x, x * np.array([0.5, -1], np.float32)[:, None, None])})


def test_weights_of_double_precision() -> None:
    net = Net(data=(1, 2, 2, 2)).layer("PReLU", "data", "y")
    layer = net.weights.layer.add(name="y", type="PReLU")
    layer.blobs.add(double_data=[0.5, -1.0]).shape.dim.append(2)
    x = net.inputs()["data"]
    check(net, {"y": np.where(x > 0, x, x * np.array([0.5, -1], np.float32)[:, None, None])})


@pytest.mark.parametrize("number, kind", [(0, "<f8"), (1, "<f4"), (2, "<f2")])
def test_weights_as_bytes(number: int, kind: str) -> None:
    net = Net(data=(1, 2, 2, 2)).layer("PReLU", "data", "y")
    slopes = np.array([0.5, -1])
    blob = net.weights.layer.add(name="y", type="PReLU").blobs.add(raw_data_type=number)
    blob.raw_data = slopes.astype(kind).tobytes()
    blob.shape.dim.append(2)
    x = net.inputs()["data"]
    check(net, {"y": np.where(x > 0, x, x * slopes.astype(np.float32)[:, None, None])})
    if number == 2:
        check(net)
    blob.raw_data = b"123"
    with pytest.raises(FrontendError, match="3 bytes for weights"):
        net.convert()
    blob.raw_data_type = 3
    with pytest.raises(FrontendError, match="integers"):
        net.convert()


def test_layers_without_converter() -> None:
    for kind, words in (
        ("HingeLoss", "belongs to training"),
        ("Python", "its code is not part"),
        ("Filter", "depends on values"),
        ("Padding", "versions of Caffe differ"),
        ("Unheard", "there is no converter"),
    ):
        with pytest.raises(FrontendError, match=f"type {kind}. is not supported: .*{words}"):
            Net(data=(1, 2)).layer(kind, "data", "y").convert()


def test_damaged_weights() -> None:
    net = old_network()
    good, random = net.data(), np.random.default_rng(3)
    for _ in range(300):
        data = bytearray(good[: random.integers(1, len(good))] if random.random() < 0.3 else good)
        for place in random.integers(0, min(len(data), 200), 3):
            data[place] = random.integers(0, 256)
        try:
            graph = parse(net.text.encode(), bytes(data), "net.prototxt")
            convert_caffe(graph, "net", directory=None)
        except FrontendError as error:
            assert len(str(error).splitlines()) == 1
    for data, word in ((b"", "holds no layers"), (b"\xff" * 20, "not a .caffemodel file")):
        with pytest.raises(FrontendError, match=word):
            parse(net.text.encode(), data, "net.prototxt")


def test_damaged_descriptions() -> None:
    random = np.random.default_rng(4)
    words = ["0", "-1", "99999999999", "4294967295", "nan", '"', "{", "}", "type", ": MAX", "1e99", "'x'"]
    tokens = V1.split(" ")
    weights = old_network().data()
    for _ in range(300):
        changed = list(tokens)
        for place in random.integers(0, len(tokens), 2):
            changed[place] = words[random.integers(len(words))]
        try:
            convert_caffe(parse(" ".join(changed).encode(), weights, "net.prototxt"), "net", directory=None)
        except FrontendError as error:
            assert len(str(error).splitlines()) == 1


def test_huge_results_are_refused() -> None:
    net = Net(data=(1, 1, 4, 4)).layer("Upsample", "data", "y", "upsample_param { scale: 4000000000 }")
    with pytest.raises(FrontendError, match="too large"):
        net.convert()


def test_nothing_depends_on_an_input() -> None:
    net = Net(data=(2,)).layer("DummyData", "", "c", "dummy_data_param { shape { dim: 2 } }").layer("TanH", "c", "y")
    with pytest.raises(FrontendError, match="no output depends on any input"):
        net.convert(output_names=["y"])


def test_graph_of_plain_python() -> None:
    with pytest.raises(FrontendError, match="has no inputs"):
        convert_caffe(CaffeGraph("empty", {}, [], {}), "net", directory=None)
    assert "Convolution" in supported()


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cv2", reason="the reference run needs OpenCV")
    monkeypatch.chdir(tmp_path)
    net = old_network()
    net.save(tmp_path)
    np.savez("in.npz", **net.inputs())
    common = ["--model_name", "n", "--model_def", "net.prototxt", "--mlir", "n.mlir"]
    tested = ["--test_input", "in.npz", "--test_result", "out.npz", "--tolerance", "0.99999,0.9999"]
    assert model_transform.main([*common, "--model_data", "net.caffemodel", *tested]) == 0
    assert "OpenCV / Top: 5 of 5 tensors pass" in capsys.readouterr().out
    assert 'module.platform = "CAFFE"' in Path("n.mlir").read_text()
    computed = evaluate(net.convert(), net.inputs())
    with np.load("out.npz") as stored:
        np.testing.assert_allclose(stored["prob"], computed["prob"], rtol=1e-6)
    for arguments, word in (
        (common, "give the .caffemodel that belongs to it"),
        ([*common, "--model_data", "missing.caffemodel"], "cannot be read"),
        ([*common, "--model_data", "net.prototxt"], "not a .caffemodel file"),
        ([*common[:3], "net.caffemodel", *common[4:]], "--model_data"),
    ):
        assert model_transform.main(arguments) == 1
        assert word in capsys.readouterr().err


def test_weights_of_other_frameworks(tmp_path: Path) -> None:
    from tpu_mlir.transform import TransformOptions, transform

    model, data = tmp_path / "n.onnx", tmp_path / "n.caffemodel"
    model.write_bytes(b"")
    data.write_bytes(b"")
    with pytest.raises(UserError, match="have their weights in"):
        transform(TransformOptions("n", model, tmp_path / "n.mlir", model_data=data))


def test_limits_of_shapes() -> None:
    deep = Net(data=[1] * 33).layer("TanH", "data", "y")
    with pytest.raises(FrontendError, match="'data' is too large"):
        deep.convert()
    with pytest.raises(FrontendError, match="'data' is too large"):
        Net(data=[1 << 20, 1 << 20]).layer("TanH", "data", "y").convert()
    dims = " ".join(["dim: 1"] * 40)
    net = Net(data=[1]).layer("Reshape", "data", "y", f"reshape_param {{ shape {{ {dims} }} }}")
    with pytest.raises(FrontendError, match="type Reshape"):
        net.convert()
    net = Net(data=[1, 1]).layer("PReLU", "data", "y", f"blobs {{ data: 1 shape {{ {dims} }} }}")
    with pytest.raises(FrontendError, match="1 values for the shape"):
        net.convert()
    many = Net(data=(1, 2))
    for place in range(9):
        many.layer("DummyData", "", f"c{place}", "dummy_data_param { shape { dim: 8000000 } }")
    many.layer("Concat", " ".join(f"c{place}" for place in range(9)), "c", "concat_param { axis: 0 }")
    with pytest.raises(FrontendError, match="with those before it"):
        many.layer("TanH", "data", "y").convert()


def test_many_layers_in_place_take_no_long_time() -> None:
    net = Net(data=(1, 2))
    net.text += 'layer { name: "r" type: "Dropout" bottom: "data" top: "data" }\n' * 8000
    net.layer("TanH", "data", "y")
    converted = net.convert()
    assert converted.tensors == {"data": "data", "y": "y"}


def test_negative_eps_is_refused() -> None:
    blobs = [values(2), values(2, low=0.5), np.ones(1, np.float32)]
    net = Net(data=(1, 2)).layer("BatchNorm", "data", "y", "batch_norm_param { eps: -1 }", blobs)
    with pytest.raises(FrontendError, match="eps -1 is not positive"):
        net.convert()


def test_layers_of_one_name_have_weights_of_their_own() -> None:
    net = Net(data=(1, 2))
    net.layer("PReLU", "data", "y", "blobs { data: 0.5 data: -1 shape { dim: 2 } }", name="p")
    net.layer("PReLU", "data", "z", "blobs { data: 3 data: 2 shape { dim: 2 } }", name="p")
    net.layer("DummyData", "", "p_slope", "dummy_data_param { shape { dim: 1 dim: 2 } data_filler { value: 5 } }")
    net.layer("Eltwise", "data p_slope", "sum")
    x = net.inputs()["data"]
    y, z = (np.where(x > 0, x, x * np.array(slope, np.float32)) for slope in ([0.5, -1], [3, 2]))
    check(net, {"y": y, "z": z, "sum": x + 5})


def test_output_that_is_an_input() -> None:
    net = Net(data=(1, 2)).layer("Dropout", "data", "y")
    check(net, {"y": net.inputs()["data"]})


def test_errors_of_a_converter_name_its_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise KeyError("word")

    monkeypatch.setattr("tpu_mlir.frontend.caffe.convert.find", lambda _: broken)
    with pytest.raises(FrontendError, match="layer 'y' .type ReLU. is not supported: .*KeyError: 'word'") as found:
        Net(data=(1, 2)).layer("ReLU", "data", "y").convert()
    assert len(str(found.value).splitlines()) == 1
