"""The programs of the libraries' environments, as far as they need no library."""

import ast
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.others import libraries
from benchmarks.others.libraries import watch as watching
from benchmarks.others.libraries.job import Job
from benchmarks.others.libraries.rows import SplitRows
from benchmarks.others.libraries.watch import EpochResult, Watch, decisive_ap, write_results
from benchmarks.others.training import read_result
from tests.benchmarks.others.jobs import TASKS, small_job
from tests.repository.test_arrows import MAY_IMPORT, imported

SOURCE = np.array(["promotion", "promotion", "promotion", "ad", "ad"])
LABELS = np.array([1, 0, 1, 0, 1], np.float32)
ROWS = SplitRows({}, dict.fromkeys(TASKS, LABELS), {}, SOURCE)


@pytest.mark.parametrize("path", sorted(Path(libraries.__path__[0]).glob("*.py")), ids=lambda path: path.name)
def test_a_librarys_process_imports_none_of_our_packages(path):
    assert imported(ast.parse(path.read_text())).isdisjoint({*MAY_IMPORT, "benchmarks", "tests", "polars", "rich"})


def test_a_job_is_the_same_after_a_file(tmp_path):
    small_job().save(tmp_path / "job.json")
    assert Job.load(tmp_path / "job.json") == small_job()


def test_the_mean_of_the_sources_decides():
    # Promotions: the positives are first and last of three, (1/1 + 2/3) / 2. Ads: the positive comes second of two.
    scores = {"promotion_stream": np.array([0.9, 0.5, 0.4, 1, 1]), "ad_stream": np.array([1, 1, 1, 0.7, 0.2])}
    assert decisive_ap(small_job(), ROWS, scores) == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)


def test_a_source_without_positives_does_not_decide():
    labels = np.where(SOURCE == "ad", 0, LABELS)
    rows = SplitRows({}, dict.fromkeys(TASKS, labels), {}, SOURCE)
    assert decisive_ap(small_job(), rows, dict.fromkeys(TASKS, LABELS)) == 1.0


def test_the_clock_counts_training_and_not_validation(monkeypatch, capsys):
    times = iter([0.0, 10.0, 12.5, 30.0, 33.0])
    monkeypatch.setattr(watching.time, "process_time", lambda: next(times))
    watch = Watch(small_job(), ROWS, examples=100)
    for _ in range(2):
        watch.start()
        watch.stop()
        watch.judge(dict.fromkeys(TASKS, LABELS))
    assert watch.epochs == [EpochResult(1.0, 100, 2.5), EpochResult(1.0, 100, 3.0)]
    assert [json.loads(line)["cpu_seconds"] for line in capsys.readouterr().out.splitlines()] == [2.5, 3.0]


def test_the_speed_leaves_out_the_first_epoch_and_the_best_epoch_is_the_first_of_equal_ones(tmp_path):
    epochs = [EpochResult(0.1, 100, 50.0), EpochResult(0.3, 100, 1.0), EpochResult(0.3, 100, 3.0)]
    write_results(tmp_path, epochs, {"ad_stream": np.array([[0.5], [0.25]])})
    result = read_result(tmp_path)
    assert (result.epochs, result.chosen, result.validation_ap) == (3, 2, 0.3)
    assert result.examples_per_cpu_second == 50.0  # 200 examples in 4 seconds
    assert result.predictions.equals(pl.DataFrame({"ad_stream": [0.5, 0.25]}, {"ad_stream": pl.Float32}))


def test_a_single_epoch_gives_the_speed(tmp_path):
    write_results(tmp_path, [EpochResult(0.1, 100, 50.0)], {"ad_stream": np.zeros(1)})
    assert read_result(tmp_path).examples_per_cpu_second == 2.0
