"""What a report is made from, for runs that have it and runs that lack some of it."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from components.report.inputs import OtherModel
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import PUSHER, Node, Output, Run, RunNotes
from pipeline.report import gather
from pipeline.report.gather import TREND, context_of, inputs_of

STARTED = datetime(2026, 1, 5, tzinfo=timezone.utc)


def node(node_id: str, **outputs: str) -> Node:
    return Node(node_id, "complete", 1.0, {key: (Output(uri, {}),) for key, uri in outputs.items()})


def evaluator(branch: str, scores: str | None = None) -> Node:
    kept = {} if scores is None else {"scores": scores}
    return node(f"Evaluator.{branch}", evaluation=f"{branch}/evaluation", blessing=f"{branch}/blessing", **kept)


def run(*nodes: Node, day: int = 0) -> Run:
    return Run(f"day-{day}", STARTED + timedelta(days=day), nodes, ended=True)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """It runs promotions_only and joint, and pushes joint."""
    return Config(root=str(tmp_path))


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """All runs, to be filled in."""
    every: list[Run] = []
    monkeypatch.setattr(gather, "list_runs", lambda _: every)
    return every


def test_branches_are_in_the_config_s_order_and_those_that_left_it_have_no_recipe(config: Config):
    trained = node("Trainer.joint", model_run="run")
    given = inputs_of(config, run(evaluator("gone"), evaluator("joint", "s"), evaluator("promotions_only"), trained))
    assert [(branch.name, branch.recipe, branch.seed, branch.scores) for branch in given.branches] == [
        ("promotions_only", "promotions_only", 7, ""),
        ("joint", "joint", 7, "s"),
        ("gone", "", None, ""),
    ]
    assert given.branches[1].model_run == "run"
    assert (given.accounting, given.windows, given.anomalies) == ("", (), ())


def test_each_check_that_is_left_is_named(config: Config):
    checks = [node("ExampleValidator", anomalies="schema"), node("DistributionValidator.drift", anomalies="drift")]
    given = inputs_of(config, run(evaluator("joint"), *checks))
    assert given.anomalies == (("this run beside the last one", "drift"), ("rows beside the schema", "schema"))


def test_a_run_without_a_judged_model_has_no_report(config: Config):
    with pytest.raises(RunsError, match="run day-0 has no report: it judged no model"):
        inputs_of(config, run(node("Transform")))


def test_the_trend_follows_the_pushed_branch_over_the_last_runs_each_model_once(config: Config, runs: list[Run]):
    runs += [run(evaluator("joint", f"scores/{day // 2}"), day=day) for day in range(2 * TREND + 6)]
    context = context_of(config, runs[-3])
    assert context.latest == OtherModel("joint", f"scores/{TREND + 1}")
    assert [model.scores for model in context.earlier] == [f"scores/{number}" for number in range(1, TREND + 1)]
    assert context.earlier[-1].name == "2026-01-22 00:00", "the last run that has the model"


def test_without_kept_scores_there_is_nothing_to_compare(config: Config, runs: list[Run]):
    runs += [run(evaluator("joint", "old")), run(evaluator("promotions_only"), evaluator("joint"), day=1)]
    context = context_of(config, runs[-1])
    assert (context.latest, context.own, context.published) == (None, (), "")
    with pytest.raises(RunsError, match="--against: run day-1 has no scores to compare with"):
        context_of(config, runs[0], against=runs[-1])
    beside = context_of(config, runs[1], against=runs[0])
    assert beside.against == (OtherModel("joint of run day-0", "old"),)


def test_the_lineage_names_the_settings_the_version_and_every_artifact(config: Config, runs: list[Run]):
    pushed = Node(PUSHER, "complete", 2.0, {"pushed_model": (Output("p", {"pushed_destination": "/m/pooled/17"}),)})
    made = replace(run(evaluator("joint", "s"), pushed), notes=RunNotes(settings="5313b563", logs="logs/of/the/run"))
    context = context_of(config, made)
    lineage = dict(context.lineage)
    assert context.published == "17"
    assert lineage["model card"].startswith("/m/pooled/17/")
    assert lineage["Evaluator.joint, scores (complete, 1 s)"] == "s"
    assert (lineage["hash of the settings"], lineage["logs"]) == ("5313b563", "logs/of/the/run"), "not today's"
    assert "command" not in lineage, "an unknown one is left out"
