"""A test of two real arms: the sample files of the Open Bandit Dataset (Saito, Aihara, Matsutani, Narita 2021).

The source archive of the package `obp` on PyPI has them in `obp/dataset/obd`. A random policy and Bernoulli Thompson
sampling recommend items of a shop. To run this test, give the folder in the variable COLDCAST_OPEN_BANDIT.
"""

import csv
import math
import os
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import norm

from components.ingestion.run import ingest
from experiments.ab.analyze.analysis import analyze
from experiments.ab.measures.arms import ab_test_of
from experiments.ab.measures.user_days import read_user_days
from tests.components.ingestion.some_logs import START, impression, interaction, write_some

FOLDER = os.environ.get("COLDCAST_OPEN_BANDIT")
ARMS = {"random": "control", "bts": "treatment"}
SECOND = 1_000_000

pytestmark = pytest.mark.skipif(not FOLDER, reason="COLDCAST_OPEN_BANDIT names no folder with Open Bandit's files")


def policy_rows(policy: str) -> list[dict[str, str]]:
    with Path(FOLDER, policy, "all/all.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def micros(text: str) -> int:
    """Their week begins on 2019-11-24; ours on 2026-01-01."""
    day, time = text.split("+")[0].split()
    hours, minutes, seconds = time.split(":")
    days = START + (date.fromisoformat(day) - date(2019, 11, 24)).days
    return days * 86_400 * SECOND + round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * SECOND)


def test_two_real_arms_against_a_hand_computation(tmp_path: Path):
    """Each row is a user, since the files hide who is who: the change of the CTR is the textbook's risk ratio."""
    impressions, interactions, arms = [], [], {}
    for policy, arm in ARMS.items():
        for number, row in enumerate(policy_rows(policy)):
            name, time = f"{policy}{number}", micros(row["timestamp"])
            impressions.append(impression(name, time, user=name, show=f"s{row['item_id']}", surface=row["position"]))
            arms[name] = arm
            if row["click"] == "1":
                interactions.append(
                    interaction(f"c{name}", time, "click", user=name, show=f"s{row['item_id']}", impression_id=name)
                )
    logs = write_some(tmp_path / "logs", impressions, interactions, last_day=8)
    for path in Path(logs, "impressions").rglob("*.parquet"):
        rows = pl.read_parquet(path)
        rows.with_columns(arm=rows["impression_id"].replace_strict(arms)).write_parquet(path)
    ingest(logs, str(tmp_path / "out"), features=())
    analysis = analyze(ab_test_of(read_user_days(logs, str(tmp_path / "out")), timedelta(days=1)))
    (figure,) = [change for change in analysis.changes if (change.segment, change.metric) == ("all", "CTR")]
    (shown, clicks), (other_shown, other_clicks) = (
        (len(rows), sum(row["click"] == "1" for row in rows)) for rows in map(policy_rows, ARMS)
    )
    assert [arm.impressions for arm in analysis.arms] == [shown, other_shown]
    assert [arm.clicks for arm in analysis.arms] == [clicks, other_clicks]
    change = math.log(other_clicks / other_shown) - math.log(clicks / shown)
    error = math.sqrt(1 / clicks - 1 / shown + 1 / other_clicks - 1 / other_shown)
    assert figure.change == pytest.approx(math.expm1(change))
    assert figure.low == pytest.approx(math.expm1(change - 1.959964 * error), abs=1e-4)
    assert figure.high == pytest.approx(math.expm1(change + 1.959964 * error), abs=1e-4)
    assert figure.p_value == pytest.approx(2 * norm.sf(abs(change) / error), abs=1e-4)
