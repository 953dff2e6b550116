"""Runs of parts of a module, real and stored values, threads and memory."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from tpu_mlir._tpu_mlir import MLIRError

sys.path.insert(0, str(Path(__file__).resolve().parent))

from small_modules import interpreter  # noqa: E402

SIZE = 64
FLOAT = f"tensor<1x8x{SIZE}x{SIZE}xf32>"
BYTES = f"tensor<1x8x{SIZE}x{SIZE}x!quant.uniform<i8:f32, 0.02:3>>"


@pytest.fixture
def chain(tmp_path):
    """x -> q (quantized) -> c (convolved) -> f (f32) -> r (Relu); x -> s (its square)."""
    w = np.random.default_rng(1).integers(-128, 128, (8, 8, 3, 3)).astype(np.int8)
    w_type = "tensor<8x8x3x3xsi8>"
    square = "mode = #tpu<active_mode SQUARE>"
    return interpreter(
        tmp_path,
        {"x": FLOAT},
        {"w": (w, w_type)},
        [
            f'%q = "tpu.Cast"(%x) : ({FLOAT}) -> {BYTES} loc("q")',
            f'%c = "tpu.Conv2D"(%q, %w, %none) {{kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], '
            f"with_bias = false, quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [0.001]}} : "
            f'({BYTES}, {w_type}, none) -> {BYTES} loc("c")',
            f'%f = "tpu.Cast"(%c) : ({BYTES}) -> {FLOAT} loc("f")',
            f'%r = "tpu.Relu"(%f) : ({FLOAT}) -> {FLOAT} loc("r")',
            f'%s = "tpu.Active"(%x) {{{square}}} : ({FLOAT}) -> {FLOAT} loc("s")',
            f'%t = "tpu.Add"(%r, %s) : ({FLOAT}, {FLOAT}) -> {FLOAT} loc("t")',
            f"return %t : {FLOAT}",
        ],
    )


@pytest.fixture
def x():
    return np.random.default_rng(2).normal(size=(1, 8, SIZE, SIZE)).astype(np.float32)


def test_real_and_stored_values(chain, x):
    real = chain.run({"x": x}, every_tensor=True).values
    stored = chain.run({"x": x}, every_tensor=True, native_types=True).values
    assert stored["q"].dtype == np.int8
    np.testing.assert_array_equal(real["q"], (stored["q"] - np.float32(3)) * np.float32(0.02))
    np.testing.assert_array_equal(real["c"], real["f"])


def test_a_part_equals_the_whole(chain, x):
    whole = chain.run({"x": x}, every_tensor=True).values
    seen: list[str] = []
    part = chain._native.run({}, progress=seen.append, given={"q": whole["q"]}, wanted=["r"])
    assert seen == ["c", "f", "r"]
    assert list(part) == ["r"]
    np.testing.assert_array_equal(part["r"], whole["r"])
    # The stored bytes are as good as the real values.
    stored = chain.run({"x": x}, wanted=["q"], native_types=True).values["q"]
    np.testing.assert_array_equal(chain.run({}, given={"q": stored}, wanted=["r"]).values["r"], whole["r"])
    # Ops behind a given value run with it, the others do not notice.
    changed = chain.run({"x": x}, given={"r": np.zeros_like(x)}).values
    np.testing.assert_array_equal(changed["t"], whole["s"])


def test_wrong_parts_are_refused(chain, x):
    with pytest.raises(MLIRError, match="computes no value named 'nothing'"):
        chain.run({"x": x}, wanted=["nothing"])
    with pytest.raises(MLIRError, match="shape"):
        chain.run({}, given={"c": x[:, :1]}, wanted=["r"])
    with pytest.raises(MLIRError, match="needs a value for the input 'x'"):
        chain.run({}, given={"c": x})


def test_threads_evaluate_at_once_and_keep_their_errors(chain, x):
    wanted = chain.run({"x": x}).values["t"]

    def work(index: int) -> str:
        try:
            values = chain.run({"x": x if index % 4 else x[:, :2]}).values
        except MLIRError as error:
            return str(error)
        return "equal" if np.array_equal(values["t"], wanted) else "different"

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(work, range(120)))
    for index, result in enumerate(results):
        assert ("shape [1, 8, 64, 64], got [1, 2, 64, 64]" in result) if index % 4 == 0 else result == "equal"


def test_memory_does_not_grow_with_samples(chain, x):
    process = psutil.Process()

    def resident(runs: int) -> int:
        for _ in range(runs):
            chain.run({"x": x}, every_tensor=True)
        gc.collect()
        return process.memory_info().rss

    before = resident(10)
    after = resident(100)
    assert after - before < 4 * x.nbytes, "a hundred runs keep more than the values of one"
