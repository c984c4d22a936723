"""The adapter on real files, where a copy lies beside the repository; reread here by the standard library alone."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from components.adapters.kuairand import adapt_kuairand

SLICE = Path(__file__).resolve().parents[4] / "shared" / "data" / "kuairand"

pytestmark = pytest.mark.skipif(not SLICE.is_dir(), reason="no files of KuaiRand-Pure in ../shared/data/kuairand")


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, ...], dict[str, str]]:
    """The first row of each impression, in file order."""
    first: dict[tuple[str, ...], dict[str, str]] = {}
    for path in sorted(SLICE.glob("log_*_pure.csv.gz")):
        with gzip.open(path, "rt", newline="") as file:
            for row in csv.DictReader(file):
                first.setdefault((row["user_id"], row["video_id"], row["time_ms"], row["tab"]), row)
    return first


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("kuairand") / "logs"
    adapt_kuairand(SLICE, out)
    return out


def test_interactions_are_the_outcomes_of_the_first_rows(logs, outcomes):
    expected = Counter(
        (kind, row["tab"] == "1")
        for row in outcomes.values()
        for kind, column in (
            ("stream", "long_view"),
            ("click", "is_click"),
            ("like", "is_like"),
            ("follow", "is_follow"),
        )
        if row[column] == "1"
    )
    acted = [pq.ParquetFile(path).read() for path in (logs / "interactions").rglob("*.parquet")]
    assert expected == Counter(
        (kind, shown.rsplit("-", 1)[1] == "1")
        for table in acted
        for kind, shown in zip(table["kind"].to_pylist(), table["impression_id"].to_pylist(), strict=True)
    )
    listened = sum(sum(ms or 0 for ms in table["listened_ms"].to_pylist()) for table in acted)
    assert listened == sum(int(row["play_time_ms"]) for row in outcomes.values() if row["long_view"] == "1")
