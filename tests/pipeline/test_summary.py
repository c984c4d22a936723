import io
from datetime import datetime, timezone

import pytest
from rich.console import Console

from pipeline.config import Config
from pipeline.runs import Output, Run, Stage
from pipeline.summary import show_summary

STARTED = datetime(2026, 1, 5, tzinfo=timezone.utc)


def stage(node: str, state: str, **outputs: Output) -> Stage:
    return Stage(node, state, 1.0, {key: (output,) for key, output in outputs.items()})


def test_a_run_of_other_recipes_says_which(tmp_path):
    judged = stage("Evaluator.ads_stream_only", "complete", evaluation=Output("there", {}))
    screen = Console(file=io.StringIO(), width=100)
    show_summary(screen, Config(root=str(tmp_path)), Run("a", STARTED, (judged,)))
    said = "joint was not judged in this run, which has ads_stream_only: --set recipe=ads_stream_only"
    assert said in screen.file.getvalue()


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((), "unfinished"),
        (("complete", "running"), "unfinished"),
        (("complete", "canceled"), "unfinished"),
        (("complete", "running", "failed"), "failed"),
        (("complete", "cached"), "complete"),
        (("cached", "cached"), "cached"),
    ],
)
def test_the_state_of_a_run_is_made_of_its_stages(states, state):
    assert Run("a", STARTED, tuple(stage(f"s{number}", one) for number, one in enumerate(states))).state == state


@pytest.mark.parametrize(("outcome", "state"), [("published", "complete"), ("already there", "cached")])
def test_a_pusher_that_only_looked_does_not_count(outcome, state):
    stages = (stage("Transform", "cached"), stage("Resolver.joint", "complete"))
    pushed = stage("AtomicPusher", "complete", pushed_model=Output("there", {"push_outcome": outcome}))
    assert Run("a", STARTED, (*stages, pushed)).state == state
