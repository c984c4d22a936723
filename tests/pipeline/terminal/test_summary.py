import io
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from components.evaluation.results import SliceFigure
from models.recipes import Recipe
from models.tasks import TASKS
from pipeline.configuration.config import Config
from pipeline.metadata.records import Node, Output, Run
from pipeline.terminal import summary
from pipeline.terminal.summary import is_published, show_summary
from tests.components.ingestion.object_store import ObjectStore

STARTED = datetime(2026, 1, 5, tzinfo=timezone.utc)


def stage(node: str, state: str, **outputs: Output) -> Node:
    return Node(node, state, 1.0, {key: (output,) for key, output in outputs.items()})


def test_a_run_of_other_recipes_says_which(tmp_path):
    judged = stage("Evaluator.ads_stream_only", "complete", evaluation=Output("there", {}))
    screen = Console(file=io.StringIO(), width=100)
    show_summary(screen, Config(root=str(tmp_path)), Run("a", STARTED, (judged,), ended=True))
    said = "joint was not judged in this run, which has ads_stream_only: --set recipe=ads_stream_only"
    assert said in screen.file.getvalue()


@pytest.mark.parametrize(
    ("properties", "model"),
    [({"pushed_destination": "/m/pooled/17", "push_message": "x"}, "/m/pooled"), ({"push_message": "x"}, "/t/model")],
)
def test_the_model_of_a_run_is_the_one_that_it_made(tmp_path, properties, model):
    stages = (
        stage("Trainer.joint", "complete", model=Output("/t/model", {})),
        stage("AtomicPusher", "complete", pushed_model=Output("there", properties)),
    )
    screen = Console(file=io.StringIO(), width=100)
    show_summary(screen, Config(root=str(tmp_path)), Run("a", STARTED, stages, ended=True))
    assert f"  model             {model}\n" in screen.file.getvalue()


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (("complete", "failed"), "failed"),
        (("complete", "cached"), "complete"),
        (("cached", "cached"), "cached"),
    ],
)
def test_the_state_of_a_run_is_made_of_its_stages(states, state):
    assert (
        Run("a", STARTED, tuple(stage(f"s{number}", one) for number, one in enumerate(states)), ended=True).state
        == state
    )


@pytest.mark.parametrize("states", [(), ("complete",), ("cached", "running"), ("complete", "canceled")])
def test_a_run_that_did_not_end_is_unfinished_unless_a_stage_failed(states):
    stages = tuple(stage(f"s{number}", one) for number, one in enumerate(states))
    assert Run("a", STARTED, stages, ended=False).state == "unfinished"
    assert Run("a", STARTED, (*stages, stage("last", "failed")), ended=False).state == "failed"


@pytest.mark.parametrize(("outcome", "state"), [("published", "complete"), ("already there", "cached")])
def test_a_pusher_that_only_looked_does_not_count(outcome, state):
    stages = (stage("Transform", "cached"), stage("Resolver.joint", "complete"))
    pushed = stage("AtomicPusher", "complete", pushed_model=Output("there", {"push_outcome": outcome}))
    assert Run("a", STARTED, (*stages, pushed), ended=True).state == state


def figures(ap: float) -> tuple[SliceFigure, ...]:
    return tuple(
        SliceFigure(
            ap=ap,
            low=ap / 2,
            high=ap * 1.5,
            positives=12_345,
            examples=100_000,
            base_rate=0.1234,
            judged=head != "like",
            exact=True,
            broken=0,
            model="candidate",
            head=head,
            label=task.label,
            keys={"source": source},
        )
        for head, task in TASKS.items()
        for source in ("promotion", "ad")
    )


def ap_table(monkeypatch: pytest.MonkeyPatch, config: Config, width: int) -> list[str]:
    """What `show_summary` says before the blessing, where the pushed recipe is 10 % ahead of the baseline."""
    monkeypatch.setattr(summary, "load", lambda uri: figures(float(uri)))
    monkeypatch.setattr(summary, "_show_blessing", lambda console, *_, **__: console.print("END"))
    aps = {config.recipe: "0.22", config.baseline: "0.2"}
    stages = (stage(f"Evaluator.{name}", "complete", evaluation=Output(ap, {})) for name, ap in aps.items())
    screen = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    show_summary(screen, config, Run("a", STARTED, tuple(stages), ended=True))
    shown = screen.file.getvalue().split("END")[0].splitlines()
    assert all(len(line) <= width and "…" not in line for line in shown)
    return shown


def cells(shown: list[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("│┃").split(line[0])] for line in shown if line[0] in "│┃"]


def test_a_narrow_terminal_shows_the_aps_without_intervals(monkeypatch):
    title, *shown = ap_table(monkeypatch, Config(), 80)
    assert title == "Average precision on the test days"
    assert shown[-1] == "* too few positives; ~ may be chance: one AP lies in the other's 95 % interval"
    over, head, *rows = cells(shown)
    assert over == ["", "", "base", "", "", "joint against"]
    assert head == ["label", "source", "rate", "joint", "promotions_only", "promotions_only"]
    assert [row[:2] for row in rows] == [
        [label, source] for label in ("stream", "click", "like", "follow") for source in ("promotion", "ad")
    ]
    assert rows[0][2:] == ["12.34%", "0.2200", "0.2000", "~ +10.0%"]
    assert rows[4][2:] == ["12.34%", "0.2200 *", "0.2000 *", ""]


@pytest.mark.parametrize(
    ("ap", "other", "change"),
    [(0.22, 0.11, "~ +100.0%"), (0.22, 0.109, "+101.8%"), (0.2, 0.31, "~ -35.5%"), (0.2, 0.41, "-51.2%")],
)
def test_a_difference_that_may_be_chance_is_marked(ap: float, other: float, change: str):
    """The interval of an AP reaches from half of it to one and a half times it here."""
    assert summary._change(figures(ap)[0], figures(other)[0]) == change


def published(config: Config, version: str) -> bool:
    folder = Path(config.models.removeprefix("objects:/"), version)
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    return is_published(config)


@pytest.mark.parametrize("root", ["", f"{ObjectStore.scheme()}:/"])
def test_a_published_version_is_found_on_a_disk_and_in_an_object_store(tmp_path: Path, root: str):
    config = Config.model_validate({"pusher": {"directory": f"{root}{tmp_path}/models"}})
    assert not is_published(config)
    assert not published(config, ".pushing-1")
    assert published(config, "1795492478")


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            [(0.1, True)] * 20 + [(None, False)] * 3 + [(None, True)],
            "20 passed, 3 had too few positives to judge, 1 had",
        ),
        ([(0.1, True)] * 20, "20 passed\n"),
    ],
)
def test_the_blessing_counts_its_gates_and_names_no_zero(monkeypatch, values, line: str):
    verdicts = tuple(
        SimpleNamespace(value=value, candidate=SimpleNamespace(judged=judged), sentence="") for value, judged in values
    )
    outcome = SimpleNamespace(blessed=True, reasons=(), verdicts=verdicts)
    monkeypatch.setattr(summary, "blessing", lambda *_: outcome)
    screen = Console(file=io.StringIO(), width=100)
    judged = stage("Evaluator.joint", "complete", evaluation=Output("a", {}), blessing=Output("b", {}))
    summary._show_blessing(screen, Config(), Run("a", STARTED, (judged,), ended=True), gates=False)
    assert f"  gates: {line}" in screen.file.getvalue()


def test_a_wide_screen_shows_intervals_and_positives(monkeypatch):
    title, *shown = ap_table(monkeypatch, Config(), 120)
    assert title == "Average precision on the test days, with 95 % intervals"
    row = ["stream", "promotion", "12.34%", "12,345", "0.2200 [0.110, 0.330]", "0.2000 [0.100, 0.300]", "~ +10.0%"]
    assert cells(shown)[2] == row


def test_long_names_of_recipes_fold_and_nothing_else_does(monkeypatch):
    name = "a_recipe_of_mine_with_a_name_that_nobody_would_want_to_type"
    config = Config(recipe=name, recipes={name: Recipe(sources=("promotion", "ad"), heads=tuple(TASKS))})
    *_, last = cells(ap_table(monkeypatch, config, 80))
    assert last == ["follow", "ad", "12.34%", "0.2200", "0.2000", "~ +10.0%"]
