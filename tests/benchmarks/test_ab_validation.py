"""The promises of docs/ab.md on labelled rows of a simulated world, in small; the benchmark has them in full."""

from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.ab_validation import Validation, as_test, validate
from components.ingestion.run import ingest
from experiments.ab.measures.segments import ALL, LESS
from experiments.ab.measures.user_days import read_user_days
from pipeline.configuration.file import load_config
from simulation.simulate import simulate

REPLICATES = 600
MARGIN = 3 * (0.05 * 0.95 / REPLICATES) ** 0.5
"""Three standard errors of a share of 5 %."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Validation]:
    """The validation of each figure on random splits of a tiny world's users, over six days of promotions."""
    folder: Path = tmp_path_factory.mktemp("validation")
    config = load_config("tiny")
    simulate(config.simulation, str(folder / "logs"))
    ingest(str(folder / "logs"), str(folder / "out"), tiers=config.tiers, features=())
    days = read_user_days(str(folder / "logs"), str(folder / "out"), ["promotion"])
    return list(validate(as_test(days, 6, timedelta(days=1)), REPLICATES, segments=(ALL, LESS), looked_at=(ALL,)))


def test_splits_without_an_effect_are_rejected_in_5_percent(rows: list[Validation]):
    for row in rows:
        assert row.rejected == pytest.approx(0.05, abs=MARGIN), row


def test_who_looks_every_day_is_wrong_in_at_most_5_percent(rows: list[Validation]):
    looked_at = [row for row in rows if row.ever_rejected is not None]
    assert {row.segment for row in looked_at} == {"all"}
    for row in looked_at:
        assert row.ever_rejected < 0.05 + MARGIN, row


def test_planted_effects_are_covered_in_95_percent(rows: list[Validation]):
    for row in rows:
        assert row.covered == pytest.approx(0.95, abs=MARGIN), row


def test_the_predicted_power_is_what_tests_have(rows: list[Validation]):
    for row in rows:
        assert row.detected == pytest.approx(row.predicted, abs=0.1), row
