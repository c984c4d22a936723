"""Hours, tiers and reactions of logs small enough to count by hand; pictures of the tiny world."""

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import matplotlib.image
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from files.errors import FolderError
from logs.errors import LogError
from logs.pictures import draw_world
from logs.schema import TABLES
from logs.summary import base_rates, reactions, show_hours, tiers
from pipeline.command_line.logs import world
from pipeline.configuration.file import load_config
from simulation.config import Preset, SimulationConfig
from transforms.domain import Domain

BOUNDARIES = (9.0, 8.0, 7.0, 6.0, 3.0, 2.0, 1.0)
DOMAIN = Domain()
MINUTE = 60_000
REPOSITORY = Path(__file__).resolve().parents[2]


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


def test_a_show_at_a_boundary_to_the_millisecond_is_not_below_it(tmp_path: Path) -> None:
    hours = 500  # times 1 / 3,600,000 in floating point, its milliseconds are a little less
    shown = {"impression_id": "i", "user_id": "u", "show_id": "a", "source": "ad", "timestamp": _at(2, 8)}
    stream = {"interaction_id": "x", "user_id": "u", "show_id": "a", "kind": "stream", "timestamp": _at(1, 5)}
    _write(tmp_path, "impressions", [shown])
    _write(tmp_path, "interactions", [stream | {"listened_ms": hours * 3_600_000}])
    boundaries = (2000.0, 800.0, float(hours), 120.0, 50.0, 20.0, 8.0)
    assert tiers(tmp_path, MINUTE, boundaries)["stream_tier"].to_list() == [2]


def test_hours_count_the_days_before(logs: Path) -> None:
    hours = {(row["show_id"], row["date"].day): row["hours"] for row in show_hours(logs, MINUTE).to_dicts()}
    assert hours == {("a", 2): 3.0, ("a", 3): 4.0}


def test_tiers_count_the_boundaries_above(logs: Path) -> None:
    result = tiers(logs, MINUTE, BOUNDARIES).sort("date", "source")
    # a has 3.0 hours, not below the fifth boundary; b has none
    assert result.select("source", "stream_tier").rows() == [("ad", 4), ("promotion", 4), ("ad", 7)]


def test_a_configs_own_windows_and_least_stream_are_counted(logs: Path) -> None:
    assert {row["show_id"]: row["streams"] for row in show_hours(logs, 0).to_dicts()} == {"a": 3}
    stream = {"kind": "stream", "window_hours": 0.5, "min_stream_seconds": 0}
    own = Domain.model_validate({"labels": {"stream": stream, "follow": {"kind": "follow", "window_hours": 48}}})
    assert _rates(logs, own) == {
        ("promotion", "stream"): 0.0,
        ("promotion", "follow"): 0.0,
        ("ad", "stream"): 0.0,
        ("ad", "follow"): 0.5,
    }


def test_sources_and_labels_are_those_of_the_domain(logs: Path) -> None:
    """A third source, a new kind, and a second label of streams: the hour's stream is no long one of 90 minutes."""
    first = pl.read_parquet(min((logs / "interactions").glob("*/*.parquet"))).head(1)
    save = first.with_columns(
        interaction_id=pl.lit("save"), kind=pl.lit("save"), impression_id=pl.lit("i3"), timestamp=_at(3, 10)
    )
    save.write_parquet(logs / "interactions" / "date=2026-03-03" / "save.parquet")
    labels = {
        "stream": {"kind": "stream"},
        "long_stream": {"kind": "stream", "min_stream_seconds": 5_400},
        "save": {"kind": "save"},
    }
    domain = Domain.model_validate({"sources": ["email", "ad"], "labels": labels})
    assert _rates(logs, domain) == {("ad", "stream"): 0.5, ("ad", "long_stream"): 0.0, ("ad", "save"): 0.5}


def _rates(logs: Path, domain: Domain) -> dict[tuple[str, str], float]:
    return {(row["source"], row["label"]): row["rate"] for row in base_rates(logs, domain).to_dicts()}


def test_reactions_belong_to_the_named_or_latest_impression(logs: Path) -> None:
    rows = reactions(logs, DOMAIN).select("kind", "impression_id", "hours").iter_rows()
    assert {(kind, shown): hours for kind, shown, hours in rows} == {
        ("click", "i1"): 2.5,
        ("stream", "i2"): 1.0,
        ("follow", "i2"): 26.0,
    }


def test_base_rates_by_hand(logs: Path) -> None:
    expected = dict.fromkeys(((s, k) for s in ("promotion", "ad") for k in ("stream", "click", "like", "follow")), 0.0)
    assert _rates(logs, DOMAIN) == expected | {("ad", "stream"): 0.5, ("promotion", "click"): 1.0}


def _rewrite(logs: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Changes the table's first file only."""
    file = min((logs / table).glob("date=*/*.parquet"))
    change(pl.read_parquet(file)).write_parquet(file)


@pytest.mark.parametrize("table", ["impressions", "interactions"])
def test_columns_and_types_of_one_file_change_nothing(logs: Path, table: str) -> None:
    def seen() -> tuple[pl.DataFrame, ...]:
        return base_rates(logs, DOMAIN), show_hours(logs, MINUTE), reactions(logs, DOMAIN).sort("kind")

    before = seen()
    id_of = TABLES[table].id
    _rewrite(logs, table, lambda rows: rows.with_columns(pl.col(id_of).cast(pl.Categorical), extra=pl.lit(0.5)))
    if table == "interactions":
        _rewrite(
            logs,
            table,
            lambda rows: rows.with_columns(pl.col("listened_ms").cast(pl.Int32), impression_id=pl.lit(None)),
        )
    for old, new in zip(before, seen(), strict=True):
        assert_frame_equal(old, new)


def test_rows_without_a_timestamp_are_left_out(logs: Path) -> None:
    before = base_rates(logs, DOMAIN)
    for table in ("impressions", "interactions"):
        _rewrite(logs, table, lambda rows: pl.concat([rows, rows.with_columns(timestamp=None)], how="vertical_relaxed"))
    assert_frame_equal(before, base_rates(logs, DOMAIN))


def test_draws_five_pictures(tiny: Path, tmp_path: Path) -> None:
    _check_pictures(draw_world(tiny, tmp_path / "pictures", DOMAIN, BOUNDARIES))


@pytest.mark.parametrize("source", ["promotion", "ad"])
def test_draws_logs_of_one_source(logs: Path, tmp_path: Path, source: str) -> None:
    for file in (logs / "impressions").rglob("*.parquet"):
        pl.read_parquet(file).filter(source=source).write_parquet(file)
    _check_pictures(draw_world(logs, tmp_path / "pictures", DOMAIN, BOUNDARIES))


def test_draws_logs_in_which_nobody_does_anything(logs: Path, tmp_path: Path) -> None:
    for file in (logs / "interactions").rglob("*.parquet"):
        pl.read_parquet(file).clear().write_parquet(file)
    _check_pictures(draw_world(logs, tmp_path / "pictures", DOMAIN, BOUNDARIES))


def test_draws_any_sources_and_labels(tiny: Path, tmp_path: Path) -> None:
    """More sources and labels than there are colours."""
    kinds = ["click", "like", "follow", "save", "share", "rate"]
    labels = {"stream": {"kind": "stream"}, **{kind: {"kind": kind, "window_hours": 48} for kind in kinds}}
    sources = ["ad", "email", "promotion", "push", "radio", "tv", "web"]
    domain = Domain.model_validate({"sources": sources, "labels": labels})
    _check_pictures(draw_world(tiny, tmp_path / "pictures", domain, BOUNDARIES))


def _check_pictures(drawn: list[Path]) -> None:
    names = ["popularity.png", "tiers.png", "base_rates.png", "hours.png", "delays.png"]
    assert [path.name for path in drawn] == names
    for path in drawn:
        pixels = matplotlib.image.imread(path)
        assert min(pixels.shape[:2]) > 400
        assert pixels.std() > 0.05


def test_drawing_needs_logs(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"holds no impressions/date=YYYY-MM-DD/\*.parquet"):
        draw_world(tmp_path, tmp_path / "pictures", DOMAIN, BOUNDARIES)


@pytest.mark.parametrize("broken", ["truncated", "without a column"])
def test_broken_logs_are_one_sentence(logs: Path, tmp_path: Path, broken: str) -> None:
    file = min((logs / "impressions").rglob("*.parquet"))
    if broken == "truncated":
        file.write_bytes(file.read_bytes()[:-20])
    else:
        pl.read_parquet(file).drop("source").write_parquet(file)
    with pytest.raises(
        LogError, match=r"cannot be drawn .*`coldcast check-logs --logs .*` says what is wrong"
    ) as error:
        draw_world(logs, tmp_path / "pictures", DOMAIN, BOUNDARIES)
    assert "\n" not in str(error.value)


def test_worlds_are_drawn_of_folders_and_not_of_object_stores(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"gs://bucket/logs is not a folder on this machine"):
        draw_world("gs://bucket/logs", tmp_path / "pictures", DOMAIN, BOUNDARIES)


def test_drawing_needs_impressions(logs: Path, tmp_path: Path) -> None:
    for file in (logs / "impressions").rglob("*.parquet"):
        pl.read_parquet(file).clear().write_parquet(file)
    with pytest.raises(LogError, match=r"hold no impressions of promotion or ad: name"):
        draw_world(logs, tmp_path / "pictures", DOMAIN, BOUNDARIES)


def test_the_command_draws_as_the_config_counts(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[object] = []

    def draw(*arguments: object) -> list[Path]:
        given.extend(arguments)
        return [tmp_path / "tiers.png"]

    monkeypatch.setattr("logs.pictures.draw_world", draw)
    (tmp_path / "c.yaml").write_text(f"logs: {logs}\n")
    sets = ["tiers.boundaries_hours=[7, 6, 5, 4, 3, 2, 1]", "labels.stream.min_stream_seconds=0"]
    world(out=tmp_path, config=f"{tmp_path}/c.yaml", overrides=sets)
    path, out, domain, boundaries = given
    assert (path, out, boundaries) == (str(logs), tmp_path, (7, 6, 5, 4, 3, 2, 1))
    assert isinstance(domain, Domain)
    assert domain.labels["stream"].min_stream_ms == 0
    assert capsys.readouterr().out == f"wrote {tmp_path}/tiers.png\n"


@pytest.mark.parametrize("preset", ["tiny", "default", "study"])
def test_shipped_configs_are_of_their_preset(preset: Preset) -> None:
    config = load_config(REPOSITORY / "configs" / f"{preset}.yaml")
    assert config.simulation == SimulationConfig(preset=preset)
