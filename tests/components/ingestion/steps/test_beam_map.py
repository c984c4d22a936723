"""Work that a runner loses is done again, and results come back as the types that they were."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from apache_beam.pipeline import Pipeline

from components.ingestion.steps.beam_map import Steps, decode, encode
from logs.errors import OutputError


@dataclass(frozen=True)
class Doubled:
    twice: int
    days: dict[date, int]
    files: tuple[str, ...] = ()
    none: str | None = None


def double(number: int) -> Doubled:
    return Doubled(2 * number, {date(2026, 1, number): number})


def losing(steps: Steps, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Makes the runner lose its last item so many times; returns a list that grows by the items of each attempt."""
    attempts: list[int] = []
    do = Steps._do

    def lose(self, name, function, work):
        attempts.append(len(work))
        do(self, name, function, work[:-1] if len(attempts) <= times else work)

    monkeypatch.setattr(Steps, "_do", lose)
    return attempts


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    return Steps(Pipeline, str(tmp_path), lambda _: None)


def test_lost_items_alone_are_done_again(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    attempts = losing(steps, monkeypatch, times=2)
    assert steps.run("double", double, Doubled, [1, 2, 3]) == [double(1), double(2), double(3)]
    assert attempts == [3, 1, 1]


def test_items_that_are_lost_each_time_are_an_error(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    losing(steps, monkeypatch, times=3)
    message = f"lost 1 of 3 work items of double in each of 3 attempts; see that every worker reaches {steps.scratch} "
    with pytest.raises(OutputError, match=re.escape(message)):
        steps.run("double", double, Doubled, [1, 2, 3])


def test_a_result_of_another_type_is_not_taken_for_the_steps_own():
    assert decode(encode(double(4)), Doubled) == double(4)
    with pytest.raises(ValueError, match="not enough values"):
        decode({"Other": {}}, Doubled)
