"""An objective added as a row of tasks is measured and judged by itself, also beside a blessed model without it."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score

from components.evaluation.blessing import blessing
from components.evaluation.conditions import conditions
from components.evaluation.config import BASELINE, CANDIDATE, EvaluatorConfig
from components.evaluation.errors import EvaluationError
from components.evaluation.eval_config import eval_config
from components.evaluation.results import load
from components.evaluation.scored_rows import ToScoredRows
from logs.config import TiersConfig
from models.recipes import RecipeConfig, bind
from models.tasks import DEFAULT_TASKS, TaskConfig
from tests.components.evaluation.evaluated import evaluate, scores_of, write_model, write_rows
from tests.labelled_rows import random_labelled
from transforms.domain import DEFAULT_SOURCES, Domain

NEW, OLD_HEADS = "video_ad_stream", ("promotion_stream", "ad_stream")
TASKS = DEFAULT_TASKS | {NEW: TaskConfig(label="stream", trained_on=("ad",), read_on=("ad",))}
WITHOUT, WITH = (
    bind(RecipeConfig(trained_on=DEFAULT_SOURCES, heads=heads, balanced=True), TASKS)
    for heads in (OLD_HEADS, (*OLD_HEADS, NEW))
)
GOOD = 1.0


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return random_labelled(1_500, seed=5)


@pytest.fixture(scope="module")
def examples(rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("new_objective"), rows)


def test_it_has_every_condition_that_the_head_beside_it_has() -> None:
    of_recipe = conditions(WITH, EvaluatorConfig())
    its_own = [condition for condition in of_recipe if condition.head == NEW]
    of_ads = [condition.model_copy(update={"head": NEW}) for condition in of_recipe if condition.head == "ad_stream"]
    assert its_own == of_ads
    assert {condition.kind for condition in its_own} == {"finite", "lift", "kept"}
    assert {condition.sources for condition in its_own} == {("ad",)}


def test_its_metrics_have_its_sources() -> None:
    config = eval_config(WITH, EvaluatorConfig(), Domain(), TiersConfig())
    assert json.loads(config.metrics_specs[0].metrics[0].config)["read_on"][NEW] == ["ad"]
    assert f"condition/finite/{NEW}/ad" in config.metrics_specs[1].per_slice_thresholds
    assert config.model_specs[0].label_keys[NEW] == "stream"


def test_beside_a_blessed_model_that_lacks_it_it_is_measured_by_itself(
    examples: Path, rows: pa.Table, tmp_path: Path
) -> None:
    old, new = (write_model(tmp_path / name, heads, GOOD) for name, heads in (("old", OLD_HEADS), ("new", WITH.heads)))
    result = evaluate(tmp_path, examples, new, WITH, EvaluatorConfig(), baseline=old)
    figures = {(one.model, one.head): one for one in load(result.evaluation).figures if one.slice == "source=ad"}
    ads = rows["source"].to_numpy() == "ad"
    labels, scores = rows["stream"].to_numpy()[ads], scores_of(rows, WITH.heads, GOOD)[NEW][ads]
    assert figures[CANDIDATE, NEW].examples == ads.sum()
    assert figures[CANDIDATE, NEW].ap == pytest.approx(average_precision_score(labels, scores), rel=1e-6)
    assert (figures[BASELINE, NEW].ap, figures[BASELINE, NEW].examples) == (None, 0)
    assert figures[BASELINE, "ad_stream"].examples == ads.sum()
    outcome = blessing(result.evaluation, result.blessing)
    assert outcome.blessed, outcome.reasons
    verdicts = {verdict.condition.name: verdict for verdict in outcome.verdicts}
    assert verdicts[f"condition/lift/{NEW}/ad"].value is not None
    assert "no blessed model to compare with" in verdicts[f"condition/kept/{NEW}/ad"].sentence


STREAM_OF_ADS, STREAM_OF_BOTH = (
    bind(RecipeConfig(trained_on=DEFAULT_SOURCES, heads=heads), DEFAULT_TASKS)
    for heads in (("ad_stream",), ("promotion_stream", "ad_stream"))
)


def test_a_blessed_model_with_a_single_output_is_compared_by_the_name_of_its_head(
    examples: Path, tmp_path: Path
) -> None:
    lenient = EvaluatorConfig(thresholds=())
    old = write_model(tmp_path / "old", ("ad_stream",), GOOD)
    worse = write_model(tmp_path / "worse", STREAM_OF_BOTH.heads, -GOOD)
    result = evaluate(tmp_path / "more", examples, worse, STREAM_OF_BOTH, lenient, baseline=old)
    outcome = blessing(result.evaluation, result.blessing)
    assert not outcome.blessed
    assert {verdict.condition.head for verdict in outcome.verdicts if not verdict.passed} == {"ad_stream"}
    figures = {(figure.model, figure.head): figure for figure in load(result.evaluation).figures if not figure.keys}
    assert figures[BASELINE, "ad_stream"].ap is not None
    assert figures[BASELINE, "promotion_stream"].ap is None


def test_the_single_output_of_a_blessed_model_is_not_compared_with_another_head(examples: Path, tmp_path: Path) -> None:
    old = write_model(tmp_path / "old", ("promotion_stream",), GOOD)
    worse = write_model(tmp_path / "worse", ("ad_stream",), -GOOD)
    result = evaluate(tmp_path, examples, worse, STREAM_OF_ADS, EvaluatorConfig(thresholds=()), baseline=old)
    outcome = blessing(result.evaluation, result.blessing)
    assert outcome.blessed, outcome.reasons
    assert {verdict.baseline.ap for verdict in outcome.verdicts if verdict.baseline} == {None}


def test_a_model_is_not_blessed_if_only_its_scores_are_not_numbers(examples: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", WITH.heads, GOOD, broken=(NEW,))
    lenient = EvaluatorConfig(thresholds=(), tolerances=())
    result = evaluate(tmp_path, examples, model, WITH, lenient)
    outcome = blessing(result.evaluation, result.blessing)
    assert not outcome.blessed
    (reason,) = outcome.reasons
    assert reason.startswith(f"{NEW} on ad: ")
    assert "scores are not finite numbers" in reason
    broken = {one.head: one.broken for one in load(result.evaluation).figures if one.slice == "source=ad"}
    assert broken["ad_stream"] == 0
    assert broken[NEW] > 0


def test_a_model_that_lacks_a_head_of_its_recipe_is_not_judged(examples: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", OLD_HEADS, GOOD)
    with pytest.raises(EvaluationError, match=f"The model has no output '{NEW}', it has ad_stream"):
        evaluate(tmp_path, examples, model, WITH, EvaluatorConfig())


def test_scores_of_a_single_output_do_not_count_for_a_head_that_was_added_later() -> None:
    scores = np.array([0.1, 0.2])
    extracts = {
        "features": {
            "source": np.array([b"promotion", b"ad"], object),
            "stream_tier": np.array([0, 1]),
            "user_id": np.array([b"u1", b"u2"], object),
        },
        "labels": {NEW: np.array([0, 1]), "ad_stream": np.array([0, 1])},
        "predictions": {CANDIDATE: {NEW: scores, "ad_stream": scores}, BASELINE: scores},  # as TFMA leaves out names
    }
    for output, heads in (("ad_stream", {"ad_stream"}), ("click", set()), ("", set())):
        (rows,) = ToScoredRows((CANDIDATE, BASELINE), ("ad_stream", NEW), DEFAULT_SOURCES, output).process(extracts)
        assert set(rows.scores) == {(CANDIDATE, "ad_stream"), (CANDIDATE, NEW), *((BASELINE, head) for head in heads)}
    with pytest.raises(EvaluationError, match="it has a single one"):
        list(ToScoredRows(("",), ("ad_stream", NEW), DEFAULT_SOURCES).process({**extracts, "predictions": scores}))
    (rows,) = ToScoredRows(("",), ("ad_stream",), DEFAULT_SOURCES).process({**extracts, "predictions": scores})
    assert set(rows.scores) == {("", "ad_stream")}
