"""Small random logs that hit edges often: few users and shows, round times give or take a microsecond, bad rows.

Some lack a day of interactions.
"""

import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from logs.schema import TABLES
from tests.components.ingestion.reference import DAY, HOUR

FIRST = 20_454  # 2026-01-01
ACTED = (0, 1, 2, 3, 29, 30, 31, 32, 33)
SHOWN = (0, 1, 2, 3, 30, 31, 32, 33, 34)
WORDS = ("arts", "news", "sport", "science", "war", "food")
SOURCES = ("promotion", "ad")
KINDS = ("stream", "stream", "stream", "click", "like", "follow", "search")
PLACEMENT = ("surface", "slot", "layout")
LENGTHS = (0, 1, 59_999, 60_000, 60_001, 3_600_000, 6 * 3_600_000, 86_400_000, 30 * 86_400_000)


def random_logs(
    seed: int,
    rows: int,
    bad: float,
    sources: tuple[str, ...] = SOURCES,
    kinds: tuple[str, ...] = KINDS,
    acted: tuple[int, ...] = ACTED,
    shown: tuple[int, ...] = SHOWN,
) -> dict:
    """Logs in the form that `reference` takes; about `rows` rows a day of events, a share `bad` of rows spoilt.

    Interactions have partitions on the days `acted`, and impressions on the days `shown`, counted from `FIRST`.
    """
    rng = random.Random(seed)
    logs: dict = {table: {} for table in TABLES}
    impressions = [f"i{number}" for number in range(rows * 8)]
    for offset in acted:
        logs["interactions"][FIRST + offset] = _files(
            rng, rng.randint(0, rows), _interaction, FIRST + offset, impressions, kinds
        )
    for offset in shown:
        logs["impressions"][FIRST + offset] = _files(
            rng, rng.randint(0, rows), _impression, FIRST + offset, impressions, sources
        )
    for offset in rng.sample(range(shown[-1] + 1), 4):
        logs["users"][FIRST + offset] = _files(rng, 3, _user)
        logs["shows"][FIRST + offset] = _files(rng, 3, _show)
    logs["episodes"][None] = _files(rng, 4, _episode)
    for table, days in logs.items():
        for files in days.values():
            for file in files.values():
                for row in file:
                    if rng.random() < bad:
                        _spoil(rng, table, row)
    if rng.random() < 0.4:
        del logs["interactions"][FIRST + rng.choice((30, 31, 32))]
    return logs


def write_logs(logs: dict, root: Path, *, seed: int = 0, plain: bool = False) -> str:
    """Writes logs as Parquet, columns in random types that can be cast without loss unless `plain`."""
    rng = random.Random(seed)
    for table, days in logs.items():
        for day, files in days.items():
            folder = root / table if day is None else root / table / f"date={as_date(day)}"
            folder.mkdir(parents=True, exist_ok=True)
            for file, rows in files.items():
                pq.write_table(to_arrow(table, rows, None if plain else rng), folder / file, row_group_size=2)
    return str(root)


def to_arrow(table: str, rows: list[dict], rng: random.Random | None) -> pa.Table:
    columns = {}
    for field in TABLES[table].schema:
        values = [row[field.name] for row in rows]
        array = (
            pa.array(values, pa.int32()).cast(field.type) if field.type == pa.date32() else pa.array(values, field.type)
        )
        columns[field.name] = array if rng is None else _retyped(rng, array)
    return pa.table(columns)


def as_date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(day)


def _retyped(rng: random.Random, array: pa.Array) -> pa.Array:
    if pa.types.is_string(array.type):
        choices = [array, array.cast(pa.large_string()), array.dictionary_encode()]
    elif array.type == pa.int64():
        choices = [array, array.cast(pa.float64())]
        choices += [array.cast(pa.int32())] if all(abs(value or 0) < 2**31 for value in array.to_pylist()) else []
    elif pa.types.is_timestamp(array.type):
        choices = [array, array.cast(pa.timestamp("us", "America/New_York")), array.cast(pa.timestamp("ns", "UTC"))]
    elif pa.types.is_list(array.type):
        choices = [array, array.cast(pa.large_list(array.type.value_type))]
    else:
        choices = [array]
    return rng.choice(choices)


def _files(rng, count, make, *arguments):
    names = ("b.parquet", "a.parquet")[: rng.randint(1, 2)]
    files = {name: [] for name in names}
    for _ in range(count):
        files[rng.choice(names)].append(make(rng, *arguments))
    return files


def _time(rng, day):
    time = rng.choice((0, 0, 6, 12, 18, 24)) * HOUR + rng.choice((-1, 0, 0, 1)) + rng.choice((0, 0, 1_000_000))
    return day * DAY + min(max(time, 0), DAY - 1)


def _maybe(rng, value):
    return value if rng.random() < 0.5 else None


def _maybe_id(rng, value):
    return value if rng.random() < 0.5 else rng.choice((None, None, ""))


def _impression(rng, day, impressions, sources):
    return {
        "impression_id": rng.choice(impressions),
        "timestamp": _time(rng, day),
        "source": rng.choice(sources),
        "user_id": f"u{rng.randint(0, 2)}",
        "show_id": f"s{rng.randint(0, 2)}",
        "episode_id": _maybe_id(rng, f"e{rng.randint(0, 4)}"),
        "surface": rng.choice(("home", "search")),
        "slot": rng.choice(WORDS[:2]),
        "layout": "card",
        "device": "phone",
        "market": rng.choice(("DE", "BR")),
        "session_position": rng.randint(0, 9),
        "campaign_id": _maybe_id(rng, f"c{rng.randint(1, 2)}"),
        "creative_id": _maybe_id(rng, f"x{rng.randint(1, 2)}"),
        "creative_format": _maybe(rng, "audio"),
        "spend_micros": _maybe(rng, rng.randint(0, 5000)),
    }


def _interaction(rng, day, impressions, kinds):
    kind = rng.choice(kinds)
    return {
        "interaction_id": f"x{rng.randint(0, 300)}",
        "timestamp": _time(rng, day),
        "user_id": f"u{rng.randint(0, 2)}",
        "show_id": rng.choice((None, "")) if kind == "search" and rng.random() < 0.7 else f"s{rng.randint(0, 2)}",
        "episode_id": None,
        "kind": kind,
        "listened_ms": rng.choice(LENGTHS) if kind == "stream" else None,
        "impression_id": _maybe_id(rng, rng.choice(impressions)),
    }


def _user(rng):
    return {
        "user_id": f"u{rng.randint(0, 2)}",
        "market": "DE",
        "language": rng.choice(("de", "en")),
        "age_bucket": rng.choice(("18-24", "25-34")),
        "product": rng.choice(("free", "premium")),
        "account_age_days": rng.randint(0, 900),
    }


def _show(rng):
    return {
        "show_id": f"s{rng.randint(0, 2)}",
        "publisher": f"p{rng.randint(0, 9)}",
        "language": rng.choice(("de", "en")),
        "genres": rng.choices(WORDS, k=rng.randint(0, 6)),
        "topics": rng.choices(WORDS, k=rng.randint(0, 9)),
        "release_date": FIRST + rng.randint(20, 40),
        "embedding": _maybe(rng, [rng.randint(0, 8) / 4 for _ in range(16)]),
    }


def _episode(rng):
    return {
        "episode_id": f"e{rng.randint(0, 3)}",
        "show_id": f"s{rng.randint(0, 2)}",
        "release_timestamp": (FIRST + rng.randint(25, 36)) * DAY + rng.randint(0, 23) * HOUR,
        "duration_ms": rng.randint(0, 10_000_000),
    }


def _spoil(rng, table, row):
    ways = {
        "impressions": (
            *("impression_id", "timestamp", "user_id", "show_id", "source", "spend", "day"),
            *PLACEMENT,
        ),
        "interactions": ("interaction_id", "timestamp", "user_id", "show_id", "kind", "listened", "unlistened", "day"),
        "users": ("user_id",),
        "shows": ("show_id",),
        "episodes": ("episode_id", "show_id"),
    }[table]
    for way in rng.sample(ways, min(len(ways), rng.choice((1, 1, 2)))):
        if way in ("source", "kind"):
            row[way] = rng.choice((None, "billboard", ""))
        elif way == "spend":
            row["spend_micros"] = -rng.randint(1, 9)
        elif way == "listened":
            row["listened_ms"] = -rng.randint(1, 9)
        elif way == "unlistened":
            row["listened_ms"] = None
        elif way in PLACEMENT:
            row[way] = rng.choice((None, ""))  # no reason for quarantine
        elif way == "day":
            row["timestamp"] = (row["timestamp"] or 0) + rng.choice((-DAY, DAY))
        else:
            row[way] = rng.choice((None, "")) if way.endswith("_id") else None
