"""tpu_profile on compiled networks: attribution against the addresses of tensors, totals, files, and messages."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import pytest
from command_support import one_sentence
from onnx import TensorProto, helper, numpy_helper
from tpu_mlir.profile import analyse, find_remedies, load_program
from tpu_mlir.profile.places import RESULTS, WEIGHTS
from tpu_mlir.profile.program import ARRAY
from tpu_mlir.runtime.bmodel import BModel


def residual_network(path: Path) -> Path:
    """Convolutions with a branch, a join and a concatenation, on an input x of shape [1, 16, 56, 56]."""
    random = np.random.default_rng(3)
    nodes, weights = [], []

    def conv(name: str, source: str, out: int, size: int, inputs: int, stride: int = 1) -> str:
        weights.append(numpy_helper.from_array(random.random((out, inputs, size, size), np.float32) / 50, f"{name}_w"))
        weights.append(numpy_helper.from_array(random.random(out, np.float32), f"{name}_b"))
        pad = size // 2
        nodes.append(
            helper.make_node(
                "Conv", [source, f"{name}_w", f"{name}_b"], [name], kernel_shape=[size, size],
                pads=[pad] * 4, strides=[stride] * 2,
            )
        )  # fmt: skip
        nodes.append(helper.make_node("Relu", [name], [f"{name}_r"]))
        return f"{name}_r"

    stem = conv("stem", "x", 64, 3, 16)
    left = conv("left", stem, 64, 3, 64)
    nodes.append(helper.make_node("Add", [left, stem], ["sum"]))
    down = conv("down", "sum", 128, 3, 64, stride=2)
    wide = conv("wide", down, 96, 1, 128)
    nodes.append(helper.make_node("Concat", [down, wide], ["joined"], axis=1))
    nodes.append(helper.make_node("MaxPool", ["joined"], ["y"], kernel_shape=[2, 2], strides=[2, 2]))
    graph = helper.make_graph(
        nodes, "residual",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 16, 56, 56])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 224, 14, 14])],
        weights,
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


@pytest.fixture(scope="module", params=["F32", "F16", "F32 --disable_layer_group", "F16 --opt 1"])
def model(request, tmp_path_factory) -> Path:
    """The compiled network, with the list of tensors beside it."""
    import importlib
    import os

    folder = tmp_path_factory.mktemp("residual")
    network = residual_network(folder / "residual.onnx")
    here = Path.cwd()
    os.chdir(folder)
    try:
        for command, arguments in (
            ("model_transform", ["--model_name", "residual", "--model_def", network, "--mlir", "residual.mlir"]),
            (
                "model_deploy",
                ["--mlir", "residual.mlir", "--chip", "bm1684x", "--model", "net.bmodel", "--skip_validation",
                 "--quantize", *request.param.split()],
            ),
        ):  # fmt: skip
            main = importlib.import_module(f"tpu_mlir.cli.{command}").main
            assert main([str(argument) for argument in arguments]) == 0
    finally:
        os.chdir(here)
    return folder / "net.bmodel"


Span = tuple[int, int, str]
SIZES = {"f32": 4, "f16": 2, "bf16": 2, "i8": 1, "u8": 1, "i32": 4}


def spans_of(model: Path) -> tuple[list[Span], list[Span], list[Span]]:
    """Begin, end and op of every tensor in global memory: of the weights and of the tensors that an op reads, and of
    what it makes; from the list beside the model, where groups load and store by ops of their own."""
    entries = json.loads(model.with_name(model.name + ".json").read_text())
    loaded = {e["results"][0]["name"]: e["operands"][0] for e in entries if e["opcode"] == "tpu.Load"}
    stored = {e["operands"][0]["name"]: e["results"][0] for e in entries if e["opcode"] == "tpu.Store"}
    weights, read, made = [], [], []
    for entry in entries:
        if entry["opcode"] in ("tpu.Load", "tpu.Store"):
            continue
        name = entry["results"][0]["name"]
        for tensor in [loaded.get(tensor["name"], tensor) for tensor in entry["operands"]]:
            if tensor["memory_type"] != "local":
                (weights if tensor["memory_type"] == "coeff" else read).append(span(tensor, name))
        for tensor in [entry["results"][0], stored.get(name)]:
            if tensor and tensor["memory_type"] != "local":
                made.append(span(tensor, name))
    return weights, read, made


def span(tensor: dict, name: str) -> Span:
    size = int(np.prod(tensor["shape"])) * SIZES[tensor["type"]]
    return tensor["address"], tensor["address"] + size, name


def owners(spans: list[Span], address: int) -> set[str]:
    return {name for begin, end, name in spans if begin <= address < end}


def test_every_instruction_belongs_to_an_op(model):
    program = load_program(model)
    assert program.source == "map"
    assert program.notes == []
    assert (program.op >= 0).all()


def test_weights_are_loaded_by_the_op_that_has_them(model):
    program = load_program(model)
    spans, _, _ = spans_of(model)
    rows = np.flatnonzero(program.reads == WEIGHTS)
    assert len(rows) >= 8
    for row in rows.tolist():
        assert program.ops[program.op[row]].name in owners(spans, int(program.read_address[row]))


def test_results_are_stored_by_the_op_that_makes_them_and_loaded_by_one_that_reads_them(model):
    program = load_program(model)
    _, read, made = spans_of(model)
    for row in np.flatnonzero(program.bytes_written > 0).tolist():
        assert program.ops[program.op[row]].name in owners(made, int(program.write_address[row]))
    for row in np.flatnonzero(program.reads == RESULTS).tolist():
        assert program.ops[program.op[row]].name in owners(read, int(program.read_address[row]))


def test_multiply_adds_are_those_of_the_op(model):
    program = load_program(model)
    expected = {"stem": (64, 56, 16 * 9), "left": (64, 56, 64 * 9), "down": (128, 28, 64 * 9), "wide": (96, 28, 128)}
    found: dict[str, int] = defaultdict(int)
    for row in analyse(program).rows:
        name = row.op.name.split("_")[0]
        found[name] += row.multiply_adds
        if name in expected:
            channels, size, terms = expected[name]
            assert row.op.macs == channels * size * size * terms
    for name, (channels, size, terms) in expected.items():
        least = channels * size * size * terms
        assert least <= found[name] <= 1.6 * least, name  # slices compute their halo again, filters may be filled up
    array = program.unit == ARRAY
    assert (program.ideal <= program.cycles).all()
    assert (program.ideal[array] > 0).all()


def test_totals_are_those_of_the_cycle_model(model):
    profile, totals = analyse(load_program(model)), BModel(model).cycles()
    assert profile.roofline.total == totals["total_cycles"]
    assert profile.roofline.tiu_busy == totals["tiu_cycles"]
    assert profile.roofline.gdma_busy == totals["gdma_cycles"]
    assert profile.ddr_read == totals["bytes_read"]
    assert profile.ddr_written == totals["bytes_written"]
    assert len(profile.program) == totals["tiu_instructions"] + totals["gdma_instructions"] - 2  # the two ends
    assert sum(row.critical for row in profile.rows) == totals["total_cycles"]
    assert sum(row.tiu_cycles for row in profile.rows) == totals["tiu_cycles"]
    assert sum(row.ddr_bytes for row in profile.rows) == totals["bytes_read"] + totals["bytes_written"]
    assert profile.roofline.ideal <= profile.roofline.engines <= profile.roofline.total
    assert find_remedies(profile)


def test_the_list_of_tensors_has_the_ids_of_every_op(model):
    program = load_program(model)
    for engine, key in enumerate(("tiu_ids", "gdma_ids")):
        of_op: dict[str, set[int]] = defaultdict(set)
        for row in np.flatnonzero(program.engine == engine).tolist():
            of_op[program.ops[program.op[row]].name].add(int(program.id[row]))
        listed: dict[str, set[int]] = {}
        for entry in json.loads(model.with_name(model.name + ".json").read_text()):
            for first, last in entry.get(key, []):
                listed.setdefault(entry["results"][0]["name"], set()).update(range(first, last + 1))
        assert listed == of_op


def test_a_file_without_the_map_is_shown_by_kind_and_says_so(model, tmp_path):
    other = tmp_path / "other.bmodel"
    other.write_bytes(model.read_bytes().replace(b"tpu-mlir instruction map", b"of another compiler's   "))
    program = load_program(other)
    assert program.source == "kinds"
    assert "shown by kind of instruction" in program.notes[0]
    assert {op.name.split()[0] for op in program.ops} == {"TIU", "GDMA"}
    assert analyse(program).roofline == analyse(load_program(model)).roofline
    assert load_program(model, by_kind=True).source == "kinds"


def test_a_model_that_cannot_be_read_is_one_sentence_with_the_file(model, run, tmp_path):
    other = tmp_path / "other.bmodel"
    other.write_bytes(model.read_bytes().replace(b"BM1684X", b"BM1690X"))
    status, _, err = run("tpu_profile", other)
    assert status == 1
    one_sentence(err, "other.bmodel", "BM1690X")


def test_damaged_models_give_a_profile_or_one_sentence(model, run, tmp_path):
    random = np.random.default_rng(11)
    sound = np.frombuffer(model.read_bytes(), dtype=np.uint8)
    # Everything but the weights, where damage does not show: tables at the beginning, streams and map at the end.
    places = np.concatenate([np.arange(3000), np.arange(len(sound) - 30_000, len(sound))])
    refused = 0
    for _ in range(60):
        damaged = sound.copy()
        damaged[random.choice(places, 20)] = random.integers(0, 256, 20)
        (tmp_path / "other.bmodel").write_bytes(damaged.tobytes())
        status, out, err = run("tpu_profile", "other.bmodel", "--format", "console")
        assert status in (0, 1)
        if status:
            one_sentence(err, "other.bmodel")
            refused += 1
        else:
            assert "cycles" in out
    assert refused > 0


def test_the_command_writes_page_trace_and_tables(model, run, tmp_path):
    status, out, err = run("tpu_profile", model, "results")
    assert (status, err) == (0, "")
    assert {file.name for file in (tmp_path / "results").iterdir()} == {
        "profile.html", "trace.json", "ops.csv", "instructions.csv",
    }  # fmt: skip
    profile = analyse(load_program(model))
    assert f"{profile.roofline.total:,} cycles" in out
    for remedy in find_remedies(profile):
        assert remedy.title in out
    with (tmp_path / "results" / "ops.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["critical_cycles"]) for row in rows) == profile.roofline.total
    with (tmp_path / "results" / "instructions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(profile.program)
    assert sum(int(row["cycles"]) for row in rows if row["engine"] == "TIU") == profile.roofline.tiu_busy


def test_the_trace_has_both_engines_without_overlap(model, run, tmp_path):
    assert run("tpu_profile", model, "--format", "trace")[0] == 0
    events = json.loads((tmp_path / "net_profile" / "trace.json").read_text())["traceEvents"]
    program = load_program(model)
    for thread in {e["tid"] for e in events if e["ph"] == "X"}:
        slices = sorted((e["ts"], e["dur"]) for e in events if e["ph"] == "X" and e["tid"] == thread)
        if thread <= 2:
            assert len(slices) == int((program.engine == thread - 1).sum())
        for (start, duration), (following, _) in zip(slices, slices[1:], strict=False):
            assert start + duration <= following + 1e-6
    names = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    assert (names[1], names[2], names[3]) == ("TIU", "GDMA", "ops 1")
    assert {e["tid"] for e in events if e["ph"] == "X"} == names.keys()
    assert all(isinstance(e["pid"], int) for e in events)
    assert sorted(e["name"] for e in events if e.get("cat") == "op") == sorted(
        row.op.name for row in analyse(program).rows
    )
    flows = {kind: sorted(e["id"] for e in events if e["ph"] == kind) for kind in "sf"}
    assert flows["s"] == flows["f"]


def test_the_folder_of_a_model_can_be_given(model, run, tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "compilation.bmodel").write_bytes(model.read_bytes())
    status, out, _ = run("tpu_profile", "net", "--format", "console", "--top", "1")
    assert status == 0
    assert len(out.splitlines()) > 8  # all ops
    assert {file.name for file in tmp_path.iterdir()} == {"net"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.bmodel"], ["none.bmodel"]),
        (["MODEL", "--net", "other"], ["other", "residual"]),
        (["MODEL", "--stage", "3"], ["1 stages", "3"]),
        (["MODEL", "--mode", "time"], ["time", "leave out --mode"]),
        (["MODEL", "--arch", "BM1688"], ["BM1688"]),
        (["MODEL", "--format", "pdf"], ["pdf", "html"]),
        (["MODEL", "--option", "a=b"], ["--option"]),
        (["MODEL", "file"], ["file", "not a folder"]),
        (["folder"], ["compilation.bmodel"]),
        (["recorded"], ["recordings of a device", "give the .bmodel"]),
        (["text"], ["text"]),
    ],
)
def test_mistakes_are_one_sentence(model, run, tmp_path, arguments, words):
    (tmp_path / "folder").mkdir()
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / "net_0.profile").write_text("[bmprofile]")
    (tmp_path / "file").write_text("")
    (tmp_path / "text").write_text("no model")
    status, _, err = run("tpu_profile", *[str(model) if part == "MODEL" else part for part in arguments])
    assert status == 1
    one_sentence(err, *words)
