"""Hours, tiers and reactions of logs small enough to count by hand; pictures of the tiny world."""

from datetime import datetime, timezone
from pathlib import Path

import matplotlib.image
import polars as pl
import pytest

from components.ingestion.log_schema import TABLES
from simulation.config import SimulationError
from simulation.pictures import draw_world
from simulation.summary import base_rates, reactions, show_hours, tiers


def _at(day: int, hour: float) -> datetime:
    return datetime(2026, 3, day, int(hour), round(hour % 1 * 60), tzinfo=timezone.utc)


def _write(logs: Path, table: str, rows: list[dict[str, object]]) -> None:
    schema = TABLES[table].schema
    for day in sorted({row["timestamp"].date() for row in rows}):  # type: ignore[attr-defined]
        folder = logs / table / f"date={day}"
        folder.mkdir(parents=True)
        of_day = [row for row in rows if row["timestamp"].date() == day]  # type: ignore[attr-defined]
        full = [{name: row.get(name) for name in schema.names} for row in of_day]
        frame = pl.DataFrame(full, schema=pl.DataFrame(schema.empty_table()).schema)
        frame.write_parquet(folder / "part.parquet")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    def shown(name: str, show: str, source: str, day: int, hour: float) -> dict[str, object]:
        when = _at(day, hour)
        return {"impression_id": name, "user_id": "u", "show_id": show, "source": source, "timestamp": when}

    def action(kind: str, show: str, day: int, hour: float, **more: object) -> dict[str, object]:
        name = f"{kind}{show}{day}{hour}"
        when = _at(day, hour)
        return {"interaction_id": name, "user_id": "u", "show_id": show, "kind": kind, "timestamp": when, **more}

    hour_ms = 3_600_000
    _write(
        tmp_path,
        "impressions",
        [
            shown("i1", "a", "promotion", 2, 8),
            shown("i2", "a", "ad", 2, 10),
            shown("i3", "b", "ad", 3, 9),
        ],
    )
    _write(
        tmp_path,
        "interactions",
        [
            action("stream", "a", 1, 5, listened_ms=3 * hour_ms),
            action("stream", "a", 1, 9, listened_ms=60_000),  # not longer than a minute
            action("stream", "a", 2, 11, listened_ms=hour_ms),  # names none: the latest impression, i2
            action("click", "a", 2, 10.5, impression_id="i1"),
            action("like", "b", 3, 8),  # before any impression of b
            action("follow", "a", 3, 12),  # 26 hours after i2: outside the window
            action("search", "a", 2, 10.2),
        ],
    )
    return tmp_path


def test_hours_count_the_days_before(logs: Path) -> None:
    hours = {(row["show_id"], row["date"].day): row["hours"] for row in show_hours(logs).to_dicts()}
    assert hours == {("a", 2): 3.0, ("a", 3): 4.0}


def test_tiers_count_the_boundaries_above(logs: Path) -> None:
    found = tiers(logs, (9.0, 8.0, 7.0, 6.0, 3.0, 2.0, 1.0)).sort("date", "source")
    # a has 3.0 hours, not below the fifth boundary; b has none
    assert found.select("source", "stream_tier").rows() == [("ad", 4), ("promotion", 4), ("ad", 7)]


def test_reactions_belong_to_the_named_or_latest_impression(logs: Path) -> None:
    found = {(kind, of): hours for kind, _, of, _, hours in reactions(logs).iter_rows()}
    assert found == {("click", "i1"): 2.5, ("stream", "i2"): 1.0, ("follow", "i2"): 26.0}


def test_base_rates_by_hand(logs: Path) -> None:
    rates = {(row["source"], row["kind"]): row["rate"] for row in base_rates(logs).to_dicts()}
    expected = dict.fromkeys(((s, k) for s in ("promotion", "ad") for k in ("stream", "click", "like", "follow")), 0.0)
    assert rates == expected | {("ad", "stream"): 0.5, ("promotion", "click"): 1.0}


def test_draws_five_pictures(tiny: Path, tmp_path: Path) -> None:
    drawn = draw_world(tiny, tmp_path / "pictures")
    assert [path.name for path in drawn] == [
        "popularity.png", "tiers.png", "base_rates.png", "hours.png", "delays.png",
    ]  # fmt: skip
    for path in drawn:
        pixels = matplotlib.image.imread(path)
        assert min(pixels.shape[:2]) > 400
        assert pixels.std() > 0.05


def test_drawing_needs_logs(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"holds no impressions/date=YYYY-MM-DD/\*.parquet"):
        draw_world(tmp_path, tmp_path / "pictures")
