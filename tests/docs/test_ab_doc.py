"""docs/ab.md agrees with the code: its tables are compared row by row."""

import re
from dataclasses import fields
from pathlib import Path

from experiments.ab.analyze.analysis import TIER_METRICS
from experiments.ab.analyze.checks import MISMATCH
from experiments.ab.analyze.guardrails import guardrail
from experiments.ab.analyze.results import ChangeRow
from experiments.ab.measures.judging import MIN_EVENTS
from experiments.ab.measures.metrics import ALL_METRICS, METRICS
from experiments.ab.off_policy.candidates import COLUMNS, prediction_column
from experiments.ab.off_policy.estimates import EstimateRow
from experiments.ab.off_policy.support import LARGEST_SHARE, LEAST_EFFECTIVE, UNSUPPORTED, Support
from experiments.ab.power.calculation import SHOWN_DAYS

DOC = (Path(__file__).resolve().parents[2] / "docs" / "ab.md").read_text()
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", DOC, re.MULTILINE | re.DOTALL))


def rows(section: str) -> list[list[str]]:
    """The cells of the Markdown table in a section, without its head and without backticks."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_metrics_are_those_of_the_table():
    better = {metric.name: "lower" if metric.lower_is_better else "higher" for metric in METRICS}
    assert rows("Metrics") == [
        [metric.name, f"{metric.numerator} / {metric.denominator}", better.get(metric.name, "")]
        for metric in ALL_METRICS
    ]
    assert [metric.name for metric in TIER_METRICS] == ["i2s", "eCPS"]


def test_columns_of_the_csv_file_are_those_of_the_table():
    named = [name for row in rows("Files") for name in row[0].split(", ")]
    assert named == [field.name for field in fields(ChangeRow)]


def test_numbers_are_those_of_the_code():
    assert f"gives at least {MIN_EVENTS} to each arm" in SECTIONS["How the figures are made"]
    assert f"A p-value below {MISMATCH} is a *mismatch*" in DOC
    assert "7, 14, and 28 days" in DOC
    assert SHOWN_DAYS == (7, 14, 28)


def test_guardrails_of_the_page_are_valid():
    written = re.findall(r"--guardrail '([^']+)'", DOC)
    assert len(written) == 2
    assert [guardrail(text).text for text in written] == ["CTR@all>=-2%", "eCPS@less-streamed<=+5%"]


def test_columns_of_decisions_are_those_of_the_table():
    assert [row[0] for row in rows("The table `decisions`")] == [*COLUMNS, prediction_column("<label>", "<model>")]


def test_off_policy_columns_and_bounds_are_those_of_the_code():
    section = SECTIONS["What would another policy earn?"]
    written = re.search(r"`--csv FILE`.*", section, re.DOTALL)
    assert written is not None
    columns = [field.name for of in (EstimateRow, Support) for field in fields(of)]
    assert re.findall(r"`(\w+)`", written[0])[: len(columns) + 1] == [*columns, "warnings"]
    assert f"more than {UNSUPPORTED:.0%} of".replace("%", " %") in section
    assert f"effective sample is below {LEAST_EFFECTIVE:.0%} of".replace("%", " %") in section
    assert f"more than {LARGEST_SHARE:.0%} of all weight".replace("%", " %") in section
    assert f"fewer than {MIN_EVENTS} streams after picks" in section
