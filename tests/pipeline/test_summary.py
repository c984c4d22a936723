import io
from datetime import datetime, timezone

import pytest
from rich.console import Console

from components.evaluation.results import SliceFigure
from models.recipes import Recipe
from models.tasks import TASKS
from pipeline import summary
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
        (("complete", "failed"), "failed"),
        (("complete", "cached"), "complete"),
        (("cached", "cached"), "cached"),
    ],
)
def test_the_state_of_a_run_is_made_of_its_stages(states, state):
    assert Run("a", STARTED, tuple(stage(f"s{number}", one) for number, one in enumerate(states))).state == state


@pytest.mark.parametrize("states", [(), ("complete",), ("cached", "running"), ("complete", "canceled")])
def test_a_run_that_did_not_end_is_unfinished_unless_a_stage_failed(states):
    stages = tuple(stage(f"s{number}", one) for number, one in enumerate(states))
    assert Run("a", STARTED, stages, ended=False).state == "unfinished"
    assert Run("a", STARTED, (*stages, stage("last", "failed")), ended=False).state == "failed"


@pytest.mark.parametrize(("outcome", "state"), [("published", "complete"), ("already there", "cached")])
def test_a_pusher_that_only_looked_does_not_count(outcome, state):
    stages = (stage("Transform", "cached"), stage("Resolver.joint", "complete"))
    pushed = stage("AtomicPusher", "complete", pushed_model=Output("there", {"push_outcome": outcome}))
    assert Run("a", STARTED, (*stages, pushed)).state == state


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
            slice=f"source={source}",
            source=source,
            stream_tier=None,
            less_streamed=None,
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
    show_summary(screen, config, Run("a", STARTED, tuple(stages)))
    shown = screen.file.getvalue().split("END")[0].splitlines()
    assert all(len(line) <= width and "…" not in line for line in shown)
    return shown


def cells(shown: list[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("│┃").split(line[0])] for line in shown if line[0] in "│┃"]


def test_a_narrow_terminal_shows_the_aps_without_intervals(monkeypatch):
    title, *shown = ap_table(monkeypatch, Config(), 80)
    assert title == "Average precision on the test days (* too few positives, ~ may be chance)"
    over, head, *rows = cells(shown)
    assert over == ["", "", "base", "", "", "joint against"]
    assert head == ["label", "source", "rate", "joint", "promotions_only", "promotions_only"]
    assert [row[:2] for row in rows] == [
        [label, source] for label in ("stream", "click", "like", "follow") for source in ("promotion", "ad")
    ]
    assert rows[0][2:] == ["12.34%", "0.2200", "0.2000", "~ +10.0%"]
    assert rows[4][2:] == ["12.34%", "0.2200 *", "0.2000 *", ""]


@pytest.mark.parametrize(
    ("ap", "other", "change"), [(0.22, 0.11, "~ +100.0%"), (0.22, 0.109, "+101.8%"), (0.2, 0.31, "-35.5%")]
)
def test_a_difference_that_may_be_chance_is_marked(ap: float, other: float, change: str):
    """The interval of an AP reaches from half of it to one and a half times it here."""
    assert summary._change(figures(ap)[0], figures(other)[0]) == change


def test_a_wide_screen_shows_intervals_and_positives(monkeypatch):
    title, *shown = ap_table(monkeypatch, Config(), 120)
    assert title == "Average precision on the test days (95 % interval; * too few positives, ~ may be chance)"
    row = ["stream", "promotion", "12.34%", "12,345", "0.2200 [0.110, 0.330]", "0.2000 [0.100, 0.300]", "~ +10.0%"]
    assert cells(shown)[2] == row


def test_long_names_of_recipes_fold_and_nothing_else_does(monkeypatch):
    name = "a_recipe_of_mine_with_a_name_that_nobody_would_want_to_type"
    config = Config(recipe=name, recipes={name: Recipe(sources=("promotion", "ad"), heads=tuple(TASKS))})
    *_, last = cells(ap_table(monkeypatch, config, 80))
    assert last == ["follow", "ad", "12.34%", "0.2200", "0.2000", "~ +10.0%"]
