"""model_eval on data sets whose right answer is known: every stage, kind of data set and post-processing, bad input."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from command_support import one_sentence
from tiny_networks import coco_data, colour_classifier, colour_pictures, square_detector

PREPARE = ("--pixel_format", "rgb", "--scale", "0.00392156862745098,0.00392156862745098,0.00392156862745098")


def build(run, network: Path, *image_options: str, mode: str = "F16") -> dict[str, Path]:
    """The network at every stage: onnx, top, tpu, bmodel."""
    name = network.stem
    status, _, err = run(
        "model_transform", "--model_name", name, "--model_def", network, "--mlir", f"{name}.mlir", *image_options
    )
    assert status == 0, err
    status, _, err = run(
        "model_deploy", "--mlir", f"{name}.mlir", "--quantize", mode, "--chip", "bm1684x", "--model", f"{name}.bmodel",
        "--debug",
    )  # fmt: skip
    assert status == 0, err
    return {
        "onnx": network,
        "top": Path(f"{name}.mlir"),
        "tpu": Path(f"{name}_bm1684x_{mode.lower()}_tpu.mlir"),
        "bmodel": Path(f"{name}.bmodel"),
    }


def metrics(run, *arguments: object) -> dict[str, float]:
    status, _, err = run("model_eval", *arguments, "--json", "result.json")
    assert status == 0, err
    found: dict[str, float] = json.loads(Path("result.json").read_text())["metrics"]
    return found


@pytest.mark.parametrize("batch", [1, 4])
def test_classes_of_pictures_are_found_at_every_stage(run, tmp_path, batch):
    pictures = colour_pictures(tmp_path / "p", 10)  # no multiple of the batch
    (tmp_path / "list.txt").write_text("".join(f"{path.name} {label}\n" for path, label in pictures))
    stages = build(run, colour_classifier(tmp_path / "c.onnx", batch), *PREPARE)
    for stage, model in stages.items():
        options = ["--mlir", "c.mlir"] if stage in ("onnx", "bmodel") else []
        found = metrics(
            run, "--model_file", model, "--dataset", "p", "--data_list", "list.txt", "--postprocess_type", "topx",
            *options,
        )  # fmt: skip
        assert found == {"top1": 100.0, "top5": 100.0}, stage


def test_wrong_labels_lower_the_share_by_as_many(run, tmp_path):
    pictures = colour_pictures(tmp_path / "p", 10)
    labels = [label if index >= 3 else (label + 1) % 3 for index, (_, label) in enumerate(pictures)]
    (tmp_path / "labels.txt").write_text("\n".join(map(str, labels)))
    network = colour_classifier(tmp_path / "c.onnx")
    common = ["--model_file", network, "--dataset", "p", "--postprocess_type", "topx", *PREPARE]
    assert metrics(run, *common, "--label_file", "labels.txt")["top1"] == pytest.approx(70.0)
    assert metrics(run, *common, "--label_file", "labels.txt", "--count", "3")["top1"] == 0.0
    named = "".join(f"{path.name} {label}\n" for path, label in reversed(pictures))
    (tmp_path / "named.txt").write_text(named)
    assert metrics(run, *common, "--label_file", "named.txt")["top1"] == 100.0


def test_folders_of_pictures_are_classes_in_the_order_of_their_names(run, tmp_path):
    for path, label in colour_pictures(tmp_path / "all", 9):
        target = tmp_path / "classes" / ("a_red", "b_green", "c_blue")[label]
        target.mkdir(parents=True, exist_ok=True)
        path.rename(target / path.name)
    network = colour_classifier(tmp_path / "c.onnx")
    found = metrics(run, "--model_file", network, "--dataset", "classes", "--postprocess_type", "topx", *PREPARE)
    assert found["top1"] == 100.0


def arrays(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, count)
    values = random.random((count, 3, 8, 8), dtype=np.float32) / 4
    values[np.arange(count), labels] += 0.5
    return values, labels


@pytest.mark.parametrize("kind", ["one npz", "npz files", "npy list", "one pt", "pt files"])
def test_arrays_of_the_user_come_in_every_form(run, tmp_path, kind):
    network = colour_classifier(tmp_path / "c.onnx")
    values, labels = arrays(6)
    folder = tmp_path / "data"
    folder.mkdir()
    options: list[object] = ["--dataset", "data"]
    if kind == "one npz":
        np.savez(tmp_path / "data.npz", x=values, label=labels)
        options = ["--dataset", "data.npz"]
    elif kind == "npz files":
        for index, (value, label) in enumerate(zip(values, labels, strict=True)):
            np.savez(folder / f"{index}.npz", x=value[None], label=label)
    elif kind == "npy list":
        lines = []
        for index, (value, label) in enumerate(zip(values, labels, strict=True)):
            np.save(folder / f"{index}.npy", value)
            lines.append(f"{index}.npy {label}")
        (tmp_path / "list.txt").write_text("# path class\n" + "\n".join(lines))
        options = ["--dataset", "data", "--data_list", "list.txt"]
    else:
        torch = pytest.importorskip("torch", reason="pt files need PyTorch")
        if kind == "one pt":
            torch.save({"x": torch.tensor(values), "label": torch.tensor(labels)}, tmp_path / "data.pt")
            options = ["--dataset", "data.pt"]
        else:
            for index, value in enumerate(values):
                torch.save(torch.tensor(value), folder / f"{index}.pt")
            (tmp_path / "labels.txt").write_text("\n".join(str(label) for label in labels))
            options = ["--dataset", "data", "--label_file", "labels.txt"]
    found = metrics(
        run, "--model_file", network, "--dataset_type", "user_define", "--postprocess_type", "topx", *options
    )
    assert found == {"top1": 100.0, "top5": 100.0}


def test_results_do_not_depend_on_how_the_work_is_split(run, tmp_path):
    values, labels = arrays(23)
    labels[:5] = (labels[:5] + 1) % 3
    np.savez(tmp_path / "d.npz", x=values, label=labels)
    common = ["--model_file", colour_classifier(tmp_path / "c.onnx", 2), "--dataset_type", "user_define"]
    common += ["--dataset", "d.npz", "--postprocess_type", "topx"]
    assert len({metrics(run, *common, "--jobs", jobs)["top1"] for jobs in (1, 2, 5)}) == 1


def test_a_script_of_the_user_makes_the_metric(run, tmp_path):
    values, labels = arrays(5)
    np.savez(tmp_path / "d.npz", x=values, label=labels)
    common = ["--model_file", colour_classifier(tmp_path / "c.onnx"), "--dataset_type", "user_define"]
    common += ["--dataset", "d.npz", "--postprocess_type", "own.py"]
    script = tmp_path / "own.py"
    script.write_text("def postprocess(outputs, label):\n    return float(outputs['y'].argmax() == label)\n")
    assert metrics(run, *common) == {"mean": 1.0}
    script.write_text(
        "def postprocess(outputs, label):\n    return label\n"
        "def summarize(results):\n    return {'sum': sum(results), 'count': len(results)}\n"
    )
    assert metrics(run, *common) == {"sum": float(labels.sum()), "count": 5.0}
    for text, word in (
        ("def other(): pass", "postprocess"),
        ("1 / 0", "ZeroDivisionError"),
        ("def postprocess(outputs, label):\n    return outputs['z']", "KeyError"),
        ("def postprocess(outputs, label):\n    return 'text'", "summarized"),
    ):
        script.write_text(text)
        status, _, err = run("model_eval", *common)
        assert status == 1
        one_sentence(err, "own.py", word)


@pytest.mark.parametrize(
    ("zoom", "size", "options"),
    [
        (1, (64, 64), ()),
        (2, (64, 64), ("--resize_dims", "64,64")),
        (1, (32, 64), ("--keep_aspect_ratio",)),
        (1, (32, 64), ("--keep_aspect_ratio", "--pad_type", "normal")),
    ],
)
def test_boxes_are_found_where_they_are_in_the_original_picture(run, tmp_path, zoom, size, options):
    pytest.importorskip("pycocotools", reason="mean average precision needs pycocotools: pip install tpu_mlir[eval]")
    coco_data(tmp_path, 4, size, zoom)
    network = square_detector(tmp_path / "d.onnx")
    for stage, model in build(run, network, *PREPARE, *options).items():
        prepared = ["--mlir", "d.mlir"] if stage in ("onnx", "bmodel") else []
        found = metrics(
            run, "--model_file", model, "--dataset_type", "coco", "--dataset", "pictures", "--label_file",
            "instances.json", "--postprocess_type", "coco_mAP", *prepared,
        )  # fmt: skip
        assert found["mAP"] == pytest.approx(100.0), stage


def test_missing_boxes_lower_the_precision(run, tmp_path):
    pytest.importorskip("pycocotools", reason="mean average precision needs pycocotools: pip install tpu_mlir[eval]")
    coco_data(tmp_path, 4)
    content = json.loads((tmp_path / "instances.json").read_text())
    for entry in content["annotations"][:8]:
        entry["bbox"][0] = (entry["bbox"][0] + 24) % 64
    (tmp_path / "instances.json").write_text(json.dumps(content))
    found = metrics(
        run, "--model_file", square_detector(tmp_path / "d.onnx"), "--dataset_type", "coco", "--dataset", "pictures",
        "--label_file", "instances.json", "--postprocess_type", "coco_mAP", *PREPARE,
    )  # fmt: skip
    assert 5.0 < found["mAP50"] < 80.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--dataset", "missing"], ["missing"]),
        (["--dataset", "empty"], ["empty", ".png"]),
        (["--dataset", "p"], ["class of", "--label_file"]),
        (["--dataset", "p", "--label_file", "missing.txt"], ["missing.txt"]),
        (["--dataset", "p", "--label_file", "few.txt"], ["1 labels", "3 samples"]),
        (["--dataset", "p", "--label_file", "words.txt"], ["words.txt", "line 1"]),
        (["--dataset", "p", "--label_file", "high.txt"], ["9", "3 classes"]),
        (["--dataset", "p", "--data_list", "blank.txt"], ["blank.txt", "empty"]),
        (["--dataset", "p", "--data_list", "absent.txt"], ["absent.txt", "line 2", "none.png"]),
        (["--dataset", "broken", "--label_file", "high.txt"], ["x.png", "image"]),
        (["--dataset", "p", "--label_file", "zeros.txt", "--count", "-1"], ["--count"]),
        (["--dataset", "p", "--label_file", "zeros.txt", "--jobs", "-1"], ["--jobs"]),
        (["--dataset", "p", "--label_file", "zeros.txt", "--json", "no/such/r.json"], ["no/such"]),
        (["--dataset", "p", "--label_file", "zeros.txt", "--mlir", "missing.mlir"], ["missing.mlir"]),
        (["--dataset", "p", "--label_file", "zeros.txt", "--cuda"], ["--cuda"]),
        (["--dataset", "p", "--dataset_type", "voc"], ["VOC", "coco"]),
        (["--dataset", "p", "--dataset_type", "cifar"], ["cifar", "imagenet"]),
        (["--dataset", "p", "--dataset_type", "coco"], ["--label_file"]),
        (["--dataset", "p", "--dataset_type", "coco", "--label_file", "few.txt"], ["few.txt", "COCO"]),
        (["--dataset", "other.npz", "--dataset_type", "user_define"], ["'x'", "a"]),
        (["--dataset", "shape.npz", "--dataset_type", "user_define"], ["[3, 4, 4]", "[1, 3, 8, 8]"]),
        (["--dataset", "uneven.npz", "--dataset_type", "user_define"], ["uneven.npz", "number of samples"]),
        (["--dataset", "half.npz", "--dataset_type", "user_define"], ["half.npz", "labels"]),
        (["--dataset", "text.npz", "--dataset_type", "user_define"], ["text.npz"]),
        (["--dataset", "p", "--postprocess_type", "nms"], ["nms", "topx"]),
        (["--dataset", "p", "--postprocess_type", "none.py"], ["none.py"]),
        (["--dataset", "p", "--model_file", "missing.onnx"], ["missing.onnx"]),
        (["--dataset", "p", "--model_file", "few.txt"], ["few.txt", ".onnx"]),
        (["--dataset", "p", "--mlir", "c.mlir", "--mean", "1,2,3"], ["--mean", "--mlir"]),
    ],
)
def test_bad_input_is_one_sentence(run, tmp_path, options, words):
    colour_classifier(tmp_path / "c.onnx")
    colour_pictures(tmp_path / "p", 3)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "x.png").write_text("no picture")
    texts = {"few": "1", "words": "one", "high": "9\n9\n9", "zeros": "0\n0\n0", "blank": "# nothing\n"}
    for name, text in {**texts, "absent": "000.png 1\nnone.png 2"}.items():
        (tmp_path / f"{name}.txt").write_text(text)
    x = np.zeros((2, 3, 8, 8), np.float32)
    np.savez(tmp_path / "other.npz", a=x, b=x, label=[0, 1])
    np.savez(tmp_path / "shape.npz", x=np.zeros((2, 3, 4, 4), np.float32), label=[0, 1])
    np.savez(tmp_path / "uneven.npz", x=x, y=x[:1])
    np.savez(tmp_path / "half.npz", x=x, label=[0.5, 1])
    (tmp_path / "text.npz").write_text("no archive")
    before = {path.name for path in tmp_path.iterdir()}
    prepare = () if "--mlir" in options else PREPARE
    status, _, err = run("model_eval", "--model_file", "c.onnx", "--postprocess_type", "topx", *prepare, *options)
    assert status == 1
    one_sentence(err, *words)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_several_workers_of_a_cluster_give_the_same_result(run, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="a cluster needs Dask: pip install tpu_mlir[dask]")
    values, labels = arrays(12)
    labels[:3] = (labels[:3] + 1) % 3
    np.savez(tmp_path / "d.npz", x=values, label=labels)
    common = ["--model_file", colour_classifier(tmp_path / "c.onnx"), "--dataset_type", "user_define"]
    common += ["--dataset", "d.npz", "--postprocess_type"]
    (tmp_path / "own.py").write_text(
        "def postprocess(outputs, label):\n    return float(outputs['y'].argmax() == label)\n"
    )
    alone = [metrics(run, *common, kind) for kind in ("topx", "own.py")]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.run(os.chdir, str(elsewhere))
        for kind, expected in zip(("topx", "own.py"), alone, strict=True):
            assert metrics(run, *common, kind, "--scheduler", cluster.scheduler_address) == expected
    status, _, err = run("model_eval", *common, "topx", "--scheduler", "tcp://127.0.0.1:1")
    assert status == 1
    one_sentence(err, "127.0.0.1:1")


@pytest.mark.parametrize("fused", [False, True])
def test_8_bit_networks_are_evaluated_too(run, tmp_path, fused):
    pictures = colour_pictures(tmp_path / "p", 12)
    (tmp_path / "list.txt").write_text("".join(f"{path.name} {label}\n" for path, label in pictures))
    network = colour_classifier(tmp_path / "c.onnx")
    assert run("model_transform", "--model_name", "c", "--model_def", network, "--mlir", "c.mlir", *PREPARE)[0] == 0
    assert run("run_calibration", "c.mlir", "--dataset", "p", "-o", "table")[0] == 0
    options = ["--fuse_preprocess", "--customization_format", "BGR_PACKED"] if fused else []
    status, _, err = run(
        "model_deploy", "--mlir", "c.mlir", "--quantize", "INT8", "--calibration_table", "table", "--chip", "bm1684x",
        "--model", "c.bmodel", "--test_input", pictures[0][0], "--debug", *options,
    )  # fmt: skip
    assert status == 0, err
    common = ["--dataset", "p", "--data_list", "list.txt", "--postprocess_type", "topx"]
    assert metrics(run, "--model_file", "c_bm1684x_int8_sym_tpu.mlir", *common)["top1"] == 100.0
    prepared = "c_bm1684x_int8_sym_final.mlir" if fused else "c.mlir"
    assert metrics(run, "--model_file", "c.bmodel", "--mlir", prepared, *common)["top1"] == 100.0
