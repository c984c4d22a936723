"""Logs of some weeks, and changes of them with the days that they reach."""

from tests.components.ingestion.some_logs import START, at, episode, impression, interaction, show, user

ACTED, SHOWN, LAST = 25, 31, 66
"""The first day of interactions, the first day of impressions, and the last day of the logs."""

DAYS = (*range(SHOWN, 35), *range(44, 47), 49, 50, *range(57, LAST + 1))
"""The days of impressions: those around the ends of what a change of these tests reaches. Each day more costs time."""


def days_of_logs() -> dict:
    """A stream on each day from `ACTED` to `LAST`, and an impression on each of `DAYS`, of two users in turn."""
    logs: dict = {table: {} for table in ("impressions", "interactions", "users", "shows")}
    for day in range(ACTED, LAST + 1):
        logs["interactions"][START + day] = {"a.parquet": [interaction(f"x{day}", at(day, 9), "stream", f"u{day % 2}")]}
        if day in DAYS:
            shown = impression(f"i{day}", at(day, 8), f"u{day % 2}", episode_id=f"e{day}")
            logs["impressions"][START + day] = {"a.parquet": [shown]}
    for day in (0, 50):
        logs["users"][START + day] = {"a.parquet": [user("u0", account_age_days=day), user("u1")]}
        logs["shows"][START + day] = {"a.parquet": [show(publisher=f"p{day}")]}
    logs["episodes"] = {None: {"a.parquet": [episode(f"e{day}") for day in DAYS]}}
    return logs


def span(first: int, last: int) -> set[int]:
    """Days of impressions from `first` to `last`."""
    return {day for day in DAYS if first <= day <= last}


def reached(day: int, window: int = 1) -> set[int]:
    """Days of impressions that a partition of events reaches: a window back, 30 days and a window ahead."""
    return span(day - window, day + 30 + window)


def add(logs: dict, table: str, day: int | None, *rows: dict, file: str = "a.parquet") -> None:
    logs[table].setdefault(None if day is None else START + day, {}).setdefault(file, []).extend(rows)


def logs_until(logs: dict, last: int) -> dict:
    """`logs` up to the day `last`, counted from 1970; at least the first partition of each table."""
    return {
        table: {day: files for day, files in days.items() if day is None or day <= last} or dict(list(days.items())[:1])
        for table, days in logs.items()
    }


def change_interactions(logs: dict) -> set[int]:
    add(logs, "interactions", 33, interaction("new", at(33, 12), "click", "u0"))
    return reached(33)


def change_impressions(logs: dict) -> set[int]:
    logs["impressions"][START + 33]["a.parquet"][0]["spend_micros"] = 7
    return reached(33)


def remove_interactions(logs: dict) -> set[int]:
    del logs["interactions"][START + 33]
    return reached(33)


def remove_impressions(logs: dict) -> set[int]:
    del logs["impressions"][START + 33]
    return reached(33) - {33}
