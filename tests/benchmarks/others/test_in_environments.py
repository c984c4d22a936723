"""The libraries themselves learn from rows. Runs only where `python -m benchmarks.others` has installed them."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.others.environments import environment
from benchmarks.others.libraries.rows import read_rows
from benchmarks.others.libraries.watch import decisive_ap
from benchmarks.others.training import train
from tests.benchmarks.others.jobs import TASKS, small_job, write_small_rows

CHECKOUT = os.environ.get("FUXICTR_CHECKOUT", "")


@pytest.mark.parametrize("model", ["mmoe", "ple"])
@pytest.mark.parametrize("library", ["deepctr", "fuxictr"])
def test_a_library_learns_what_the_rows_hold(library, model, tmp_path):
    python = environment(library) / "bin" / "python"
    if not (environment(library) / "ready").exists():
        pytest.skip(f"{library} is not installed: `python -m benchmarks.others` does it")
    if library == "fuxictr" and not CHECKOUT:
        pytest.skip("FUXICTR_CHECKOUT does not name a clone of github.com/reczoo/FuxiCTR")
    for seed, (split, rows) in enumerate({"train": 3000, "validation": 500, "test": 500}.items()):
        write_small_rows(tmp_path / f"{split}.parquet", rows, seed)
    job = small_job(model)
    checkout = Path(CHECKOUT) if library == "fuxictr" else None
    result = train(python, library, job, tmp_path, tmp_path, checkout, lambda: None)
    predictions = {task: np.asarray(result.predictions[task]) for task in TASKS}
    test = read_rows(tmp_path / "test.parquet", job)
    # The base rate is 0.47. With the shows' true rates, AP is 0.76 or so.
    assert decisive_ap(job, test, predictions) > 0.65
