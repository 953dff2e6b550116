"""Files of PyTorch: what is read, what is refused, and that nothing in a file is run."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch_models import EXPORT, SCRIPT, Function, convert, evaluate, normal, save  # noqa: E402
from tpu_mlir.frontend.errors import FrontendError  # noqa: E402
from tpu_mlir.frontend.torch import convert_torch  # noqa: E402

X = normal(2, 5)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3)).eval()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return save(network(), [X], EXPORT, tmp_path)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return save(network(), [X], SCRIPT, tmp_path)


def refused(path: Path | nn.Module, *words: str, shapes: list[list[int]] | None = None, **options: object) -> str:
    with pytest.raises(FrontendError) as error:
        convert_torch(path, "net", input_shapes=shapes or [[2, 5]], directory=None, **options)  # type: ignore[arg-type]
    text = str(error.value)
    assert "\n" not in text and all(word in text for word in words), text
    return text


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of an archive with changed entries; None leaves one out."""
    target = path.with_name("changed" + path.suffix)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = change(info.filename.partition("/")[2], old.read(info))
            if data is not None:
                new.writestr(zipfile.ZipInfo(info.filename), data)
    return target


class Trap:
    """Leaves a trace where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pt2", ".anything"])
def test_pickle_is_refused_with_the_way_to_export(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net{suffix}"
    torch.save(Trap(tmp_path / "trace"), path)
    refused(path, "pickle", "torch.export.save")
    path.write_bytes(pickle.dumps(Trap(tmp_path / "trace")))
    refused(path, "pickle", "torch.export.save")
    assert not (tmp_path / "trace").exists()


def test_trusted_pickle_of_a_module_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    net = network()
    torch.save(net, path)
    converted = convert_torch(path, "net", input_shapes=[[2, 5]], trust_pickle=True, directory=None)
    (top,) = converted.outputs.values()
    np.testing.assert_allclose(evaluate(converted, {"input": X.numpy()})[top], net(X).detach().numpy(), atol=1e-6)
    torch.save(net.state_dict(), path)
    refused(path, "no module", "export", trust_pickle=True)


def test_pickled_objects_in_a_program_are_not_loaded(program: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save((Trap(tmp_path / "trace"),), buffer)
    path = rewritten(program, lambda name, data: buffer.getvalue() if name == "data/sample_inputs/model.pt" else data)
    refused(path, "data/sample_inputs/model.pt", "--trust_pickle")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("key", ["weights", "constants"])
def test_pickled_weights_in_a_program_are_not_loaded(program: Path, tmp_path: Path, key: str) -> None:
    buffer = io.BytesIO()
    torch.save(Trap(tmp_path / "trace"), buffer)

    def change(name: str, data: bytes) -> bytes:
        if name == f"data/{key}/model_{key}_config.json":
            entry = {"path_name": "tensor_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
            return json.dumps({"config": {"w": entry}}).encode()
        return data

    path = rewritten(program, change)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(archive.namelist()[0].partition("/")[0] + f"/data/{key}/tensor_0", buffer.getvalue())
    refused(path, "tensor_0", "--trust_pickle")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    "target", ["torch.os.mkdir", "torch._C._jit_set_profiling_mode", "_operator.call", "torch.ops"]
)
def test_functions_that_are_no_operators_are_refused(program: Path, target: str) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != "models/model.json":
            return data
        model = json.loads(data)
        model["graph_module"]["graph"]["nodes"][0]["target"] = target
        return json.dumps(model).encode()

    refused(rewritten(program, change), target, "no operator")


def test_sizes_that_are_python_code_are_refused(tmp_path: Path) -> None:
    batch = torch.export.Dim("batch", min=2, max=8)
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(network(), (X,), dynamic_shapes=({0: batch},)), path)
    trace = tmp_path / "trace"

    def change(name: str, data: bytes) -> bytes:
        text = data.decode("utf-8", "replace") if name == "models/model.json" else ""
        if not text:
            return data
        model = json.loads(text)
        waiting = [model]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                if "expr_str" in item:
                    item["expr_str"] = f"__import__('os').mkdir({str(trace)!r})"
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)
        return json.dumps(model).encode()

    changed = rewritten(path, change)
    assert (
        "mkdir"
        in zipfile.ZipFile(changed)
        .read(next(n for n in zipfile.ZipFile(changed).namelist() if "model.json" in n))
        .decode()
    )
    refused(changed, "no arithmetic")
    assert not trace.exists()


def test_compiled_code_is_not_loaded(program: Path) -> None:
    with zipfile.ZipFile(program, "a") as archive:
        archive.writestr(archive.namelist()[0].partition("/")[0] + "/data/aotinductor/model/x.so", b"\x7fELF")
    refused(program, "compiled code")


def test_scripts_that_run_code_while_they_are_read_are_refused(tmp_path: Path) -> None:
    class Packed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = 2.0

        @torch.jit.export
        def __getstate__(self) -> float:
            return self.scale

        @torch.jit.export
        def __setstate__(self, state: float) -> None:
            self.scale = state
            self.training = False

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.scale

    path = tmp_path / "net.pt"
    torch.jit.script(Packed()).save(str(path))
    refused(path, "__setstate__", "--trust_pickle")


def test_random_numbers_are_refused(tmp_path: Path) -> None:
    class Random(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + torch.rand_like(x)

    path = tmp_path / "net.pt"
    torch.jit.script(Random()).save(str(path))
    refused(path, "rand_like", "random")
    refused(Random().eval(), "rand_like")


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
def test_truncated_files_are_refused(kind: str, tmp_path: Path) -> None:
    path = save(network(), [X], kind, tmp_path)
    data = path.read_bytes()
    for size in [0, 1, 4, 30, len(data) // 3, len(data) - 40, len(data) - 1]:
        path.write_bytes(data[:size])
        refused(path, str(path))


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
def test_entries_that_are_missing_or_damaged_are_refused(kind: str, tmp_path: Path) -> None:
    path = save(network(), [X], kind, tmp_path)
    names = [name.partition("/")[2] for name in zipfile.ZipFile(path).namelist()]
    for name in names:
        for damage in (None, b"", b"{}", b"\x80\x02]q\x00."):
            changed = rewritten(path, lambda other, data: damage if other == name else data)  # noqa: B023
            try:
                convert_torch(changed, "net", input_shapes=[[2, 5]], directory=None)
            except FrontendError as error:
                assert "\n" not in str(error)


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x03\x04" + bytes(100), b"text", b"\x80\x02", b"\x7fELF" + bytes(1000)]
)
def test_other_files_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(data)
    refused(path, str(path))
    refused(tmp_path / "missing.pt", "missing.pt")


def test_archives_that_expand_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/constants.pkl", bytes(100 << 20))
    refused(path, "does not fit its size")


def test_shapes_are_needed_for_scripts_and_checked(script: Path) -> None:
    with pytest.raises(FrontendError, match="0 shapes for 1 inputs"):
        convert_torch(script, "net", directory=None)
    refused(script, "2 shapes", shapes=[[2, 5], [1]])
    refused(script, "[2, 7]", "--input_shapes", shapes=[[2, 7]])
    refused(script, "below 1", shapes=[[-1, 5]])
    refused(script, "cannot have the shape", shapes=[[1 << 40, 5]])
    refused(script, "float33", input_types=["float33"])
    refused(script, "2 types", input_types=["float32", "float32"])


def test_shapes_of_programs_are_checked(program: Path) -> None:
    refused(program, "[2,5]", "[3, 5]", shapes=[[3, 5]])
    refused(program, "exported as float32", input_types=["int64"])
    converted = convert_torch(program, "net", directory=None)
    assert list(converted.inputs.values()) == [(2, 5)]


def test_open_sizes_are_chosen_by_the_user(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    batch = torch.export.Dim("batch", min=2, max=8)
    net = Function(lambda x, m: m(x).reshape(-1, 1) * x.shape[0], m=network())
    torch.export.save(torch.export.export(net, (X,), dynamic_shapes=(({0: batch},),)), path)
    with pytest.raises(FrontendError, match="open sizes"):
        convert_torch(path, "net", directory=None)
    x = normal(4, 5)
    converted = convert_torch(path, "net", input_shapes=[[4, -1]], directory=None)
    ((name, shape),) = converted.inputs.items()
    assert shape == (4, 5)
    (top,) = converted.outputs.values()
    np.testing.assert_allclose(evaluate(converted, {name: x.numpy()})[top], net(x).detach().numpy(), atol=1e-6)


def test_all_operators_without_converter_are_listed() -> None:
    class Several(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cholesky_inverse(x[:, :2]) + torch.nonzero(x).sum() + torch.special.i0(x)[:, :2]

    text = refused(Several().eval(), "not supported", "which makes")
    assert all(word in text for word in ("cholesky_inverse", "nonzero", "i0", "2 more"))


def test_control_flow_that_depends_on_data_is_refused(tmp_path: Path) -> None:
    class Branch(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if bool(x.sum() > 0):
                return x
            return -x

    path = tmp_path / "net.pt"
    torch.jit.script(Branch()).save(str(path))
    refused(path, "values", "fixed control flow")


def test_control_flow_that_depends_on_shapes_is_settled(tmp_path: Path) -> None:
    class Loop(nn.Module):
        def forward(self, x: torch.Tensor, flag: bool = True) -> dict[str, torch.Tensor]:
            total = torch.zeros_like(x)
            parts: list[torch.Tensor] = []
            for i in range(x.size(0)):
                if i % 2 == 0 and flag:
                    total = total + x * float(i + 1)
                else:
                    total -= x[i]
                parts.append(total)
            if len(parts) > 5:
                raise RuntimeError("too many")
            return {"last": total, "all": torch.stack(parts)}

    path = tmp_path / "net.pt"
    net = torch.jit.script(Loop())
    net.save(str(path))
    converted = convert_torch(path, "net", input_shapes=[[3, 4]], directory=None)
    x = normal(3, 4)
    computed = evaluate(converted, {"x": x.numpy()})
    assert list(converted.outputs) == ["last", "all"]
    for name, want in net(x).items():
        np.testing.assert_allclose(computed[converted.outputs[name]], want.numpy(), atol=1e-6)
    refused(path, "too many", shapes=[[6, 4]])


class Optional(nn.Module):
    """Lists of modules, a dictionary inside, an input that may be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def forward(self, x: torch.Tensor, y: torch.Tensor | None = None) -> tuple[torch.Tensor, list[torch.Tensor]]:
        x = torch.relu(self.first(x)).mean((2, 3))
        for layer in self.layers:
            x = x + layer(x)
        if y is not None:
            x = x + y
        found: dict[str, torch.Tensor] = {}
        for name in ["a", "b"]:
            found[name] = x * len(found)
        return x, [found["a"], found["b"]]


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_compiled_and_frozen_scripts(frozen: bool, count: int, tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = torch.jit.script(Optional().eval())
    path = tmp_path / "net.pt"
    (torch.jit.freeze(net) if frozen else net).save(str(path))
    inputs = [normal(2, 3, 6, 6), normal(4)][:count]
    converted = convert_torch(path, "net", input_shapes=[list(x.shape) for x in inputs], directory=None)
    assert list(converted.inputs) == ["x", "y"][:count]
    computed = evaluate(converted, {name: x.numpy() for name, x in zip("xy", inputs, strict=False)})
    wanted = torch.utils._pytree.tree_leaves(net(*inputs))
    for top, want in zip(converted.outputs.values(), wanted, strict=True):
        np.testing.assert_allclose(computed[top], want.detach().numpy(), atol=1e-5)


def test_inputs_that_are_no_tensors_are_refused(tmp_path: Path) -> None:
    class Pair(nn.Module):
        def forward(self, pair: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
            return pair[0] + pair[1]

    path = tmp_path / "net.pt"
    torch.jit.script(Pair()).save(str(path))
    refused(path, "'pair'", "Tuple[Tensor, Tensor]")


def test_regions_of_a_program_are_run_in_place(tmp_path: Path) -> None:
    class Regions(nn.Module):
        def forward(self, x: torch.Tensor) -> dict[str, object]:
            with torch.no_grad():
                y = x * 3
            with torch.autocast("cpu", enabled=False):
                z = y + 2
            return {"first": y, "rest": (z, None)}

    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(Regions(), (X,)), path)
    converted = convert_torch(path, "net", directory=None)
    computed = evaluate(converted, {"x": X.numpy()})
    for top, want in zip(converted.outputs.values(), (X * 3, X * 3 + 2), strict=True):
        np.testing.assert_allclose(computed[top], want.numpy(), atol=1e-6)


def test_networks_are_cut_at_named_values(script: Path, program: Path) -> None:
    for path in (script, program):
        whole = convert_torch(path, "net", input_shapes=[[2, 5]], directory=None)
        inner = next(top for top in whole.tensors.values() if top not in (*whole.inputs, *whole.outputs.values()))
        cut = convert_torch(path, "net", input_shapes=[[2, 5]], output_names=[inner], directory=None)
        assert cut.outputs == {inner: inner}
        refused(path, "zzz", output_names=["zzz"])
        refused(path, "twice", output_names=[inner, inner])


def test_values_have_the_names_of_the_file(tmp_path: Path) -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(5, 4)

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            middle = self.first(image)
            middle.relu_()
            return middle + 1

    net = Named().eval()
    program = convert(net, [X], EXPORT)
    assert list(program.inputs) == ["image"] and set(program.outputs) == {"add"}
    assert {"linear", "relu_", "add"} <= set(program.tensors.values())
    assert any(name.startswith("first.weight") for name in program.builder.weights)  # type: ignore[attr-defined]
    traced = convert(net, [X], SCRIPT)
    assert list(traced.inputs) == ["image"]
    assert any(name.startswith("middle") for name in traced.tensors.values())


def test_constant_outputs_and_unused_inputs() -> None:
    net = Function(lambda x, y: (x + 1, torch.ones(3)))
    refused(net, "constant", shapes=[[2, 5], [1]])
    converted = convert(Function(lambda x, y: x + 1), [X, X], EXPORT)
    assert len(converted.inputs) == 1


def test_program_in_training_mode_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(nn.Dropout(0.5).train(), (X,)), path)
    refused(path, "training")


@pytest.mark.parametrize("case", ["pickle", "truncated", "text", "shape", "missing"])
def test_command_answers_with_one_sentence(
    case: str, script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tpu_mlir.cli import model_transform

    monkeypatch.chdir(tmp_path)
    shapes = "[[2,5]]"
    if case == "pickle":
        torch.save(network(), script)
    elif case == "truncated":
        script.write_bytes(script.read_bytes()[:-100])
    elif case == "text":
        script.write_text("no model")
    elif case == "shape":
        shapes = "[[2,6]]"
    else:
        script.unlink()
    before = sorted(tmp_path.iterdir())
    arguments = ["--model_name", "net", "--model_def", str(script), "--mlir", "net.mlir", "--input_shapes", shapes]
    assert model_transform.main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "net.pt" in error and "internal error" not in error
    assert sorted(tmp_path.iterdir()) == before


def test_importing_the_package_needs_no_pytorch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; import tpu_mlir, tpu_mlir.transform, tpu_mlir.sources, "
        "tpu_mlir.cli.model_transform, tpu_mlir.frontend"
    )
    import subprocess

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
