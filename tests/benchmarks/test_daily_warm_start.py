"""The runs of the benchmark of daily warm starts, and its figures."""

from datetime import date

import pytest

from benchmarks import daily_warm_start as benchmark
from benchmarks.daily_warm_start import COLD, WARM, DailyModel, ap_lines, cost_lines, day_config, paired
from components.evaluation.scores import Scores
from pipeline.configuration.file import load_config
from tests.components.evaluation.paired.simulated import scores_of


def trained(kind: str, day: int, epochs: int, seconds: float) -> DailyModel:
    return DailyModel(kind, day, 1, epochs, epochs - 2, seconds, kind == WARM and day > 0, f"{kind}/{day}")


MODELS = [
    *(trained(COLD, day, epochs, seconds) for day, epochs, seconds in ((0, 9, 90.0), (1, 8, 80.0), (2, 6, 60.0))),
    *(trained(WARM, day, epochs, seconds) for day, epochs, seconds in ((0, 9, 90.0), (1, 4, 40.0), (2, 3, 20.0))),
]


def test_branches_of_a_day_differ_in_seed_and_start_only() -> None:
    config = day_config(load_config("tiny"), date(2026, 1, 10), 2, "joint")
    assert [(branch.name, branch.seed, branch.start_from) for branch in config.branches_to_run] == [
        ("cold-1", 1, None),
        ("warm-1", 1, "last"),
        ("cold-2", 2, None),
        ("warm-2", 2, "last"),
    ]
    assert (config.split.end, config.split.validation_days, config.split.test_days) == (date(2026, 1, 10), 1, 1)
    assert not config.pusher.enabled


def test_the_first_day_is_not_counted() -> None:
    lines = [line.split() for line in cost_lines(MODELS)]
    assert lines[1:3] == [
        ["1", "cold", "6.0", "8.0", "80.0", "0", "of", "1"],
        ["1", "warm", "2.0", "4.0", "40.0", "1", "of", "1"],
    ]
    assert lines[-2:] == [
        ["all", "cold", "5.0", "7.0", "70.0", "0", "of", "2"],
        ["all", "warm", "1.5", "3.5", "30.0", "2", "of", "2"],
    ]


def test_both_kinds_are_compared_on_the_test_rows_of_all_days_but_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[str] = []

    def scores(folder: str) -> Scores:
        folders.append(folder)
        kind, day = folder.split("/")
        labels = [1, 0] * 12
        columns = {
            "impression_id": [f"{day}-{number:02}" for number in range(24)],
            "user_id": [f"u{number // 2}" for number in range(24)],
            "source": ["ad"] * 24,
            "label.stream": labels,
            "candidate.ad_stream": [
                number * 7 % 24 / 24 + (kind == WARM) * label for number, label in enumerate(labels)
            ],
        }
        return scores_of(columns, {"ad_stream": ("stream", ("ad",))})

    monkeypatch.setattr(benchmark, "read_scores", scores)
    row = next(row for row in paired(MODELS) if row.keys == {"source": "ad"})
    assert sorted(folders) == ["cold/1", "cold/2", "warm/1", "warm/2"]
    assert (row.examples, row.positives, row.users) == (48, 24, 12)
    assert row.ours == pytest.approx(1.0)
    assert row.excludes_zero
    assert ap_lines([row])[1].split()[:1] == ["ad"]
