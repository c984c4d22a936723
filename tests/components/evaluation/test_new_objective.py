"""An objective added as a row of tasks is measured and gated by itself, also beside a blessed model that lacks it."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score

from components.evaluation.blessing import blessing
from components.evaluation.config import EvaluatorConfig
from components.evaluation.errors import EvaluationError
from components.evaluation.eval_config import eval_config
from components.evaluation.gates import gates
from components.evaluation.results import BASELINE, CANDIDATE, load
from components.evaluation.rows import RowsOf
from models.recipes import RECIPES, Recipe
from models.tasks import TASKS, Task
from tests.components.evaluation.evaluated import evaluate, scores_of, write_model, write_rows
from tests.labelled_rows import random_labelled
from transforms.labels import SOURCES, Source

AD: frozenset[Source] = frozenset({"ad"})
NEW, OLD_HEADS = "video_ad_stream", ("promotion_stream", "ad_stream")
GOOD = 1.0


@pytest.fixture(autouse=True)
def recipe(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setitem(TASKS, NEW, Task(NEW, "stream", AD, AD))
    made = Recipe(sources=SOURCES, heads=(*OLD_HEADS, NEW), balanced=True)
    monkeypatch.setitem(RECIPES, "with_video", made)
    monkeypatch.setitem(RECIPES, "without_video", Recipe(sources=SOURCES, heads=OLD_HEADS, balanced=True))
    return made


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return random_labelled(1_500, seed=5)


@pytest.fixture(scope="module")
def examples(rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("new_objective"), rows)


def test_it_has_every_gate_that_the_head_beside_it_has(recipe: Recipe) -> None:
    conditions = gates(recipe, EvaluatorConfig())
    mine = [gate for gate in conditions if gate.head == NEW]
    beside = [gate.model_copy(update={"head": NEW}) for gate in conditions if gate.head == "ad_stream"]
    assert mine == beside
    assert {gate.kind for gate in mine} == {"finite", "lift", "kept"}
    assert {gate.sources for gate in mine} == {("ad",)}


def test_its_metrics_have_its_sources(recipe: Recipe) -> None:
    config = eval_config(recipe, EvaluatorConfig())
    assert json.loads(config.metrics_specs[0].metrics[0].config)["read_on"][NEW] == ["ad"]
    assert f"gate/finite/{NEW}/ad" in config.metrics_specs[1].per_slice_thresholds
    assert config.model_specs[0].label_keys[NEW] == "stream"


def test_beside_a_blessed_model_without_it_it_is_measured_by_itself(
    examples: Path, rows: pa.Table, recipe: Recipe, tmp_path: Path
) -> None:
    old, new = (write_model(tmp_path / name, name, GOOD) for name in ("without_video", "with_video"))
    result = evaluate(tmp_path, examples, new, "with_video", EvaluatorConfig(), baseline=old)
    found = {(one.model, one.head): one for one in load(result.evaluation) if one.slice == "source=ad"}
    ads = rows["source"].to_numpy() == "ad"
    labels, scores = rows["stream"].to_numpy()[ads], scores_of(rows, recipe.heads, GOOD)[NEW][ads]
    assert found[CANDIDATE, NEW].examples == ads.sum()
    assert found[CANDIDATE, NEW].ap == pytest.approx(average_precision_score(labels, scores), rel=1e-6)
    assert (found[BASELINE, NEW].ap, found[BASELINE, NEW].examples) == (None, 0)
    assert found[BASELINE, "ad_stream"].examples == ads.sum()
    outcome = blessing(result.evaluation, result.blessing)
    assert outcome.blessed, outcome.reasons
    read = {verdict.gate.name: verdict for verdict in outcome.verdicts}
    assert read[f"gate/lift/{NEW}/ad"].value is not None
    assert "no blessed model to compare with" in read[f"gate/kept/{NEW}/ad"].sentence


def test_if_only_its_scores_are_not_numbers_the_model_is_not_blessed(examples: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", "with_video", GOOD, broken=(NEW,))
    lenient = EvaluatorConfig(thresholds=(), tolerances=())
    result = evaluate(tmp_path, examples, model, "with_video", lenient)
    outcome = blessing(result.evaluation, result.blessing)
    assert not outcome.blessed
    (reason,) = outcome.reasons
    assert reason.startswith(f"{NEW} on ads: ")
    assert "scores are not finite numbers" in reason
    broken = {one.head: one.broken for one in load(result.evaluation) if one.slice == "source=ad"}
    assert broken["ad_stream"] == 0
    assert broken[NEW] > 0


def test_a_model_that_lacks_a_head_of_its_recipe_is_not_judged(examples: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", "without_video", GOOD)
    with pytest.raises(EvaluationError, match=f"The model has no output '{NEW}', it has ad_stream"):
        evaluate(tmp_path, examples, model, "with_video", EvaluatorConfig())


def test_scores_of_a_single_output_are_not_taken_for_those_of_a_head_added_since() -> None:
    scores = np.array([0.1, 0.2])
    extracts = {
        "features": {"source": np.array([b"promotion", b"ad"], object), "stream_tier": np.array([0, 1])},
        "labels": {NEW: np.array([0, 1]), "ad_stream": np.array([0, 1])},
        "predictions": {CANDIDATE: {NEW: scores, "ad_stream": scores}, BASELINE: scores},  # as TFMA leaves out names
    }
    (rows,) = RowsOf((CANDIDATE, BASELINE), ("ad_stream", NEW)).process(extracts)
    assert set(rows.scores) == {(CANDIDATE, "ad_stream"), (CANDIDATE, NEW)}
    with pytest.raises(EvaluationError, match="it has a single one"):
        list(RowsOf(("",), ("ad_stream", NEW)).process({**extracts, "predictions": scores}))
    (rows,) = RowsOf(("",), ("ad_stream",)).process({**extracts, "predictions": scores})
    assert set(rows.scores) == {("", "ad_stream")}
