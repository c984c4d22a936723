"""Hand-made logs: rows with everything that a test does not care about filled in."""

from collections.abc import Iterable
from pathlib import Path

from tests.components.ingestion.random_logs import write_logs
from tests.components.ingestion.reference import DAY, HOUR

START = 20_454  # 2026-01-01, a Thursday


def at(day: int, hour: float = 0, microseconds: int = 0) -> int:
    """A time in microseconds, `day` days and `hour` hours after 2026-01-01."""
    return (START + day) * DAY + round(hour * HOUR) + microseconds


def impression(name: str, timestamp: int | None, user: str = "u", show: str = "s", **columns: object) -> dict:
    row = dict.fromkeys(("episode_id", "campaign_id", "creative_id", "creative_format", "spend_micros"))
    row |= {"surface": "home", "slot": "hero", "layout": "card", "device": "phone", "market": "DE"}
    row |= {"impression_id": name, "timestamp": timestamp, "user_id": user, "show_id": show}
    return row | {"source": "promotion", "session_position": 1} | columns


def interaction(
    name: str, timestamp: int | None, kind: str, user: str = "u", show: str | None = "s", **columns: object
) -> dict:
    row = {"interaction_id": name, "timestamp": timestamp, "kind": kind, "user_id": user, "show_id": show}
    listened = 600_000 if kind == "stream" else None
    return row | {"episode_id": None, "listened_ms": listened, "impression_id": None} | columns


def user(name: str = "u", **columns: object) -> dict:
    row = {"user_id": name, "market": "DE", "language": "de", "age_bucket": "25-34", "product": "free"}
    return row | {"account_age_days": 100} | columns


def show(name: str = "s", **columns: object) -> dict:
    row = {"show_id": name, "publisher": "p", "language": "de", "genres": ["news"], "topics": ["war"]}
    return row | {"release_date": START - 100, "embedding": [0.5] * 16} | columns


def episode(name: str = "e", show_id: str = "s", **columns: object) -> dict:
    row = {"episode_id": name, "show_id": show_id, "release_timestamp": at(-1), "duration_ms": 1_800_000}
    return row | columns


def logs_of(
    impressions: Iterable[dict],
    interactions: Iterable[dict],
    *,
    last_day: int,
    users: Iterable[dict] | None = None,
    shows: Iterable[dict] | None = None,
    episodes: Iterable[dict] | None = None,
    missing: Iterable[int] = (),
) -> dict:
    """Rows put into the day of their timestamp, snapshots into 2026-01-01.

    Interactions have a partition for every day from 2026-01-01 to `last_day`, except the days `missing`.
    """
    delivered = {START + day: {"a.parquet": []} for day in range(last_day + 1) if day not in missing}
    logs: dict = {
        "impressions": _by_day(impressions) or {START: {"a.parquet": []}},
        "interactions": delivered | _by_day(interactions),
        "users": {START: {"a.parquet": list(users if users is not None else [user()])}},
        "shows": {START: {"a.parquet": list(shows if shows is not None else [show()])}},
        "episodes": {None: {"a.parquet": list(episodes if episodes is not None else [episode()])}},
    }
    return logs


def write_some(folder: Path, impressions: Iterable[dict], interactions: Iterable[dict], **options: object) -> str:
    """Writes `logs_of` below `folder` in the contract's own types."""
    return write_logs(logs_of(impressions, interactions, **options), folder, plain=True)  # type: ignore[arg-type]


def _by_day(rows: Iterable[dict]) -> dict:
    days: dict = {}
    for row in rows:
        day = START if row["timestamp"] is None else row["timestamp"] // DAY
        days.setdefault(day, {"a.parquet": []})["a.parquet"].append(row)
    return days
