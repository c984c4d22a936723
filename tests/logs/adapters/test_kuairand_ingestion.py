"""From CSV to labels: ingestion of adapted files, compared with the CSV files as the standard library reads them.

Always runs on a handmade release; runs on real files if a copy is beside the repository.
"""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import polars as pl
import pytest

from components.ingestion.run import ingest
from logs.adapters.kuairand import adapt_kuairand
from logs.adapters.kuairand_files import KEYS, OUTCOMES
from pipeline.check_logs import check_logs
from pipeline.configuration.file import load_config
from tests.logs.adapters.kuairand_csv import MIDNIGHT, STANDARD, write_release

ROOT = Path(__file__).resolve().parents[3]
SLICE = ROOT.parent / "shared" / "data" / "kuairand"
HOUR = 3_600_000
HANDMADE = [
    {"time_ms": MIDNIGHT, "long_view": 1, "play_time_ms": 18_000, "is_click": 1},
    {"time_ms": MIDNIGHT, "long_view": 0, "is_like": 1},  # repeats the first with other outcomes
    {"time_ms": MIDNIGHT, "tab": 6, "is_like": 1},  # the same moment and video in another tab
    {"time_ms": MIDNIGHT + 1, "is_follow": 1},
    {"time_ms": MIDNIGHT + HOUR, "video_id": 4, "tab": 0, "long_view": 1, "play_time_ms": 5_000},
    {"time_ms": MIDNIGHT + 2 * HOUR, "user_id": 8, "is_click": 1},
    {"time_ms": MIDNIGHT + 23 * HOUR, "tab": 2},
]


@dataclass(frozen=True)
class Ingested:
    """A release's first row by impression, the number of its rows, and the results of ingestion."""

    first: dict[str, dict[str, str]]
    rows: int
    logs: Path
    accounting: dict[str, dict[str, int]]
    labelled: pl.DataFrame


def reread(source: Path) -> tuple[dict[str, dict[str, str]], int]:
    first: dict[str, dict[str, str]] = {}
    rows = 0
    for path in sorted(source.glob("log_standard_*_pure.csv*")):
        with _open(path) as file:
            for row in csv.DictReader(file):
                first.setdefault("-".join(row[key] for key in KEYS), row)
                rows += 1
    return first, rows


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="")


@pytest.fixture(scope="module", params=["handmade", "slice"])
def ingested(request, tmp_path_factory) -> Ingested:
    tmp_path = tmp_path_factory.mktemp(request.param)
    source = SLICE
    if request.param == "handmade":
        videos = [{}, {"video_id": 4, "author_id": 51}]
        source = write_release(
            tmp_path / "source", {STANDARD: HANDMADE}, users=[{}, {"user_id": 8}], videos=videos, suffix=".gz"
        )
    elif not SLICE.is_dir():
        pytest.skip("no files of KuaiRand-Pure in ../shared/data/kuairand")
    adapt_kuairand(source, tmp_path / "logs")
    config = load_config(ROOT / "configs" / "kuairand.yaml")
    accounting = ingest(
        str(tmp_path / "logs"),
        str(tmp_path / "out"),
        config.ingestion,
        config.tiers,
        config.domain,
        config.features.table(),
        config.beam.args,
    )
    labelled = pl.read_parquet(tmp_path / "out" / "labelled" / "*.parquet")
    return Ingested(*reread(source), tmp_path / "logs", accounting, labelled)


def test_labels_are_the_outcomes_of_the_first_row_of_each_impression(ingested):
    expected = {key: [int(row[name]) for name in OUTCOMES.values()] for key, row in ingested.first.items()}
    labels = ingested.labelled.select("impression_id", *OUTCOMES).rows()
    assert {key: list(values) for key, *values in labels} == expected
    assert len(labels) == len(expected)


def test_sources_follow_the_tab(ingested):
    sources = dict(ingested.labelled.select("impression_id", "source").rows())
    assert all((source == "promotion") == (ingested.first[key]["tab"] == "1") for key, source in sources.items())


def test_every_row_is_accounted_for(ingested):
    outcomes = sum(int(row[name]) for row in ingested.first.values() for name in OUTCOMES.values())
    nothing = {"quarantined": 0, "duplicate": 0}
    assert ingested.accounting == {
        "impressions": {
            "in": ingested.rows,
            "labelled": len(ingested.first),
            "immature": 0,
            "unobserved": 0,
            "quarantined": 0,
            "duplicate": ingested.rows - len(ingested.first),
        },
        "interactions": {"in": outcomes, "direct": outcomes, "last_touch": 0, "organic": 0, "not_qualifying": 0}
        | nothing,
    }


def test_no_impression_lacks_its_snapshots(ingested):
    missing = ingested.labelled.select("account_age_days", "genres", "upload_type").null_count()
    assert missing.row(0) == (0, 0, 0)


def test_logs_have_no_problems(ingested):
    config = load_config(ROOT / "configs" / "kuairand.yaml")
    report = check_logs(str(ingested.logs), config.features.table())
    assert report.problems == []
    assert not any(report.quarantined.values())


def test_history_begins_with_nothing(ingested):
    """The first impression of every user has no history, whatever its outcomes."""
    history = [name for name in ingested.labelled.columns if name.startswith("user_") and name.endswith("_30d")]
    first = ingested.labelled.sort("timestamp").group_by("user_id").first()
    assert first.select(pl.col(history).sum()).row(0) == (0.0,) * len(history)
