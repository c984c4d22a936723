import math

import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from components.evaluation.slices import Slice
from experiments.systems import cells as module
from experiments.systems.cells import ALL_WORLDS, cells_of, pooled
from experiments.systems.configs import ExperimentWorld, Model
from experiments.systems.judged import Judged
from experiments.systems.system import System
from pipeline.configuration.file import load_config
from tests.components.evaluation.paired.simulated import scores_of
from tests.experiments.systems.made_cells import row

LABELS = [1, 0] * 12
NOISE = [number * 7 % 24 / 24 for number in range(24)]
OURS, THEIRS = System("joint", "joint"), System("promotions_only", "promotions_only")


def test_worlds_are_pooled_on_the_log_scale():
    first, second = row(0.2, 0.06), row(0.1, 0.08)
    together = pooled([first, second])
    change = (math.log(1.2) + math.log(1.1)) / 2
    half = math.hypot(0.06, 0.08) / 2  # the standard error of a mean of two; 0.1 / 2
    assert half == pytest.approx(0.05)
    assert together.relative == pytest.approx(math.exp(change) - 1)
    assert together.relative_low == pytest.approx(math.exp(change - half) - 1, abs=1e-5)
    assert together.relative_high == pytest.approx(math.exp(change + half) - 1, abs=1e-5)
    assert together.ours == pytest.approx((0.12 + 0.11) / 2)
    assert (together.examples, together.positives, together.users) == (2000, 200, 100)
    assert together.seeds_share == pytest.approx(0.25)
    assert together.low is None


def test_degrees_of_freedom_of_equal_worlds_add_up():
    assert pooled([row(0.1, 0.1, degrees=7), row(0.3, 0.1, degrees=7)]).degrees == pytest.approx(14)


def test_a_world_with_too_few_positives_does_not_count():
    together = pooled([row(0.2, 0.06), row(5.0, 2.0, judged=False)])
    assert (together.relative, together.judged, together.positives) == (0.2, True, 200)


def test_without_a_judged_world_the_row_is_not_judged():
    together = pooled([row(0.2, 0.06, judged=False), row(0.2, 0.06, judged=False)])
    assert together.relative == pytest.approx(0.2)
    assert not together.judged


def test_a_system_that_scores_alike_has_no_change():
    together = pooled([row(0.0, 0.0), row(0.0, 0.0)])
    assert (together.relative, together.relative_low, together.relative_high, together.p) == (0.0, 0.0, 0.0, 1.0)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> tuple[dict[Model, Judged], list[ExperimentWorld]]:
    """Two worlds with two seeds, and 12 users: joint ranks by outcome and noise, the other by noise."""
    worlds = [ExperimentWorld(name, load_config("tiny")) for name in ("world-1", "world-2")]
    models = [Model(world, system, seed) for world in worlds for system in (OURS, THEIRS) for seed in (1, 2)]

    def scores(uri: str, model: Model):
        score = [NOISE[number] + (0.4 * label if model.system == OURS else 0.0) for number, label in enumerate(LABELS)]
        columns = {
            "impression_id": [f"i{number:02}" for number in range(24)],
            "user_id": [f"u{number // 2}" for number in range(24)],
            "source": ["ad"] * 24,
            "label.stream": LABELS,
            "candidate.ad_stream": pl.Series(score, dtype=pl.Float32).to_list(),
        }
        return scores_of(columns, {"ad_stream": ("stream", ("ad",))})

    monkeypatch.setattr(module, "stream_scores", scores)
    return {model: Judged("", {}, {}) for model in models}, worlds


def test_each_world_and_all_worlds_have_a_cell(judged):
    models, worlds = judged
    cells = cells_of(models, worlds, [(OURS, THEIRS)], [Slice(("source",))])
    shown = [(cell.world, cell.row.slice) for cell in cells if cell.row.positives]
    assert shown == [("world-1", "source=ad"), ("world-2", "source=ad"), (ALL_WORLDS, "source=ad")]
    together = next(cell for cell in cells if cell.world == ALL_WORLDS and cell.row.positives).row
    assert together.theirs == pytest.approx(average_precision_score(LABELS, NOISE), abs=1e-6)
    assert together.ours is not None
    assert together.ours > together.theirs
    assert together.q is not None


def test_a_pair_that_comes_twice_is_no_second_world(judged):
    models, worlds = judged
    once, twice = (cells_of(models, worlds, [(OURS, THEIRS)] * times, [Slice(("source",))]) for times in (1, 2))
    rows = [
        next(cell.row for cell in cells if cell.world == ALL_WORLDS and cell.row.positives) for cells in (once, twice)
    ]
    assert rows[0].positives == rows[1].positives == 24
    assert (rows[0].relative_low, rows[0].degrees) == (rows[1].relative_low, rows[1].degrees)
