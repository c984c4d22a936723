"""No feature of an impression depends on anything later than the impression."""

import copy
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import FIRST, random_logs, write_logs
from tests.components.ingestion.reference import DAY
from tests.components.ingestion.some_logs import impression, interaction, show, user
from tests.components.ingestion.test_reference import counts_of
from transforms.domain import Domain
from transforms.features import FEATURES


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 10**6))
@example(seed=267)  # a show without an embedding, whose null spans values behind a join
def test_appending_any_later_event_never_changes_an_earlier_impressions_features(seed):
    before = random_logs(seed, 12, 0.0)
    moment = (FIRST + 32) * DAY + 12 * 3_600_000_000
    after = copy.deepcopy(before)
    _append_later(after, moment, random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        old, new = (
            _features(write_logs(logs, Path(folder) / name), Path(folder) / f"{name}-out")
            for name, logs in (("before", before), ("after", after))
        )
    early = {name for name, row in old.items() if row["timestamp"] <= moment}
    assert {name: new[name] for name in early} == {name: old[name] for name in early}


def _features(logs, folder):
    """Labelled rows by id without their labels."""
    domain = Domain()
    rows = ingest_in_process(logs, folder, features=(*FEATURES, *counts_of(domain.kinds))).rows
    return {row["impression_id"]: {name: row[name] for name in row if name not in domain.labels} for row in rows}


def _append_later(logs, moment, rng):
    """Events of every kind in `moment` or later, and snapshots of later days, that differ from all before.

    Also responses to earlier impressions, streams that began before and end after, later duplicates of earlier events,
    and rows for the quarantine.
    """
    for number in range(30):
        time = moment + rng.choice((0, 1, rng.randrange(2 * DAY)))
        who = {"user": f"u{rng.randint(0, 2)}", "show": f"s{rng.randint(0, 2)}"}
        kind = rng.choice(("stream", "click", "like", "follow", "search"))
        _file(logs["interactions"], time // DAY).append(interaction(f"later{number}", time, kind, **who))
        _file(logs["impressions"], time // DAY).append(impression(f"later{number}", time, **who))
    shown = [row for files in logs["impressions"].values() for rows in files.values() for row in rows]
    answered = [row for row in shown if moment - DAY < row["timestamp"] <= moment]
    for number, row in enumerate(answered * 2):  # they belong to impressions from before the moment
        time = moment + rng.choice((0, 1, rng.randrange(DAY)))
        who = {"user": row["user_id"], "show": row["show_id"], "impression_id": row["impression_id"]}
        kind = rng.choice(("stream", "click", "like", "follow"))
        _file(logs["interactions"], time // DAY).append(interaction(f"response{number}", time, kind, **who))
    known = [row for files in logs["interactions"].values() for rows in files.values() for row in rows]
    early = [row["interaction_id"] for row in known if row["timestamp"] < moment]
    begun = moment - 3_600_000_000  # and ends an hour after the moment
    last_day = _file(logs["interactions"], moment // DAY)
    for number in range(3):
        who = {"user": f"u{number}", "show": f"s{rng.randint(0, 2)}"}
        last_day.append(interaction(f"begun{number}", begun, "stream", listened_ms=7_200_000, **who))
        last_day.append(interaction(rng.choice(early), moment, "follow", **who))  # a duplicate, and later
        last_day.append(interaction(f"bad{number}", moment, "share", **who))
    day = moment // DAY + 1
    _file(logs["users"], day).extend(user(f"u{number}", language="xx") for number in range(3))
    _file(logs["shows"], day).extend(show(f"s{number}", genres=["new"], publisher="new") for number in range(3))


def _file(days, day):
    return days.setdefault(day, {}).setdefault("z.parquet", [])
