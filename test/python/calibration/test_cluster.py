"""Calibration on a Dask cluster: two workers on this machine give the table that one process gives."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from command_support import one_sentence
from tpu_mlir.calibration.table import read_table

distributed = pytest.importorskip("distributed", reason="Dask is not installed (pip install tpu-mlir[dask])")


@pytest.fixture(scope="module")
def scheduler():
    """The address of a scheduler with two workers, each a process of its own."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )
    try:
        yield cluster.scheduler_address
    finally:
        cluster.close()
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def test_two_workers_give_the_same_table(run, lenet, scheduler):
    arguments = ["run_calibration", lenet, "--dataset", "cali", "--tune_num", "0", "--cali_method", "mse"]
    from calibration_networks import LENET

    arguments[3] = LENET / "cali"
    assert run(*arguments, "-o", "here")[0] == 0
    status, out, err = run(*arguments, "-o", "there", "--scheduler", scheduler)
    assert status == 0, err
    assert "16 samples" in out
    assert read_table("there").entries == read_table("here").entries


def test_errors_of_workers_are_one_sentence(run, small, samples, scheduler):
    np.savez(samples / "bad.npz", x=np.full((1, 3, 8, 8), np.nan, np.float32))
    status, _, err = run("run_calibration", small, "--dataset", samples, "--scheduler", scheduler)
    assert status == 1
    one_sentence(err, "bad.npz", "NaN", "'x'")


def test_a_scheduler_that_is_not_there_is_one_sentence(run, small, samples):
    status, _, err = run("run_calibration", small, "--dataset", samples, "--scheduler", "tcp://127.0.0.1:9")
    assert status == 1
    one_sentence(err, "tcp://127.0.0.1:9", "cannot be reached")
