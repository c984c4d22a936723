"""Work that a runner loses is done again, and never passed over."""

from pathlib import Path

import pytest
from apache_beam.pipeline import Pipeline

from components.ingestion.steps.beam_map import Stages
from logs.errors import OutputError


def double(number: int) -> dict[str, int]:
    return {"twice": 2 * number}


def losing(stages: Stages, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Makes the runner lose its last item so many times; returns a list that grows by the items of each attempt."""
    attempts: list[int] = []
    do = Stages._do

    def lose(self, name, function, work):
        attempts.append(len(work))
        do(self, name, function, work[:-1] if len(attempts) <= times else work)

    monkeypatch.setattr(Stages, "_do", lose)
    return attempts


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    return Stages(Pipeline, str(tmp_path), lambda _: None)


def test_lost_items_alone_are_done_again(stages: Stages, monkeypatch: pytest.MonkeyPatch):
    attempts = losing(stages, monkeypatch, times=2)
    assert [result["twice"] for result in stages.run("double", double, [1, 2, 3])] == [2, 4, 6]
    assert attempts == [3, 1, 1]


def test_items_that_are_lost_each_time_are_an_error(stages: Stages, monkeypatch: pytest.MonkeyPatch):
    losing(stages, monkeypatch, times=3)
    with pytest.raises(OutputError, match=r"lost 1 of 3 work items of double, 3 times over; choose another runner"):
        stages.run("double", double, [1, 2, 3])
