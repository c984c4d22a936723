"""A blessed model is never judged on examples that lack its features: the comparison is refused, with the reason."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from components.evaluation.baseline_features import TakenFeature, refusal, taken_features
from components.evaluation.blessing import blessing
from components.evaluation.config import BASELINE, EvaluatorConfig
from components.evaluation.results import load
from models.signatures import FEATURES_FILE
from tests.components.evaluation.evaluated import FEATURE, RECIPES, Evaluated, evaluate, write_model, write_rows
from tests.labelled_rows import random_labelled
from transforms.feature import Feature
from transforms.features import FEATURES

JOINT = RECIPES["joint"]
SECOND = "user_hours_30d"
TABLE = tuple(feature for feature in FEATURES if feature.name in (FEATURE, SECOND, "show_id"))
LACKING = tuple(feature for feature in TABLE if feature.name != SECOND)
GOOD, BAD = 1.0, -1.0


def _feature(name: str, **changes: object) -> Feature:
    values = {"group": "user", "kind": "numeric", "column": f"users.{name}", "per": "request"} | changes
    return Feature(name=name, **values)


def _list_features(savedmodel: Path, features: tuple[Feature, ...]) -> None:
    """Writes the list as the export does."""
    path = savedmodel / FEATURES_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        feature.model_dump(mode="json", include={"name", "kind", "column", "per", "length"}) for feature in features
    ]
    path.write_text(json.dumps(rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, the good one blessed with all of `TABLE`, and rows without `SECOND`."""
    folder = tmp_path_factory.mktemp("lacking")
    for name, weight in (("good", GOOD), ("bad", BAD)):
        write_model(folder / name, JOINT.heads, weight)
        _list_features(folder / name / "Format-Serving", TABLE)
    rows: pa.Table = random_labelled(1_500, seed=7, features=LACKING)
    write_rows(folder / "examples", rows)
    return folder


def _judge(folder: Path, name: str, model: str, config: EvaluatorConfig, table: tuple[Feature, ...]) -> Evaluated:
    return evaluate(
        folder / name, folder / "examples", folder / model, JOINT, config, baseline=folder / "good", table=table
    )


def test_a_model_is_not_blessed_beside_one_whose_features_the_examples_lack(folder: Path) -> None:
    result = _judge(folder, "refused", "bad", EvaluatorConfig(thresholds=()), LACKING)
    outcome = blessing(result.evaluation, result.blessing)
    assert not outcome.blessed
    assert outcome.reasons == (
        "The last blessed model needs features that this run lacks: user_hours_30d. Add them, or run once with --set "
        "evaluator.compare_with_last=false.",
    )
    failed = [verdict.condition.kind for verdict in outcome.verdicts if not verdict.passed]
    assert set(failed) == {"kept"}
    assert len(failed) == sum(verdict.condition.kind == "kept" for verdict in outcome.verdicts) == 16
    figures = load(result.evaluation).figures
    assert BASELINE not in {figure.model for figure in figures}, "its AP on such rows is no figure"
    assert {verdict.baseline for verdict in outcome.verdicts} == {None}


def test_without_the_comparison_the_thresholds_alone_decide(folder: Path) -> None:
    alone = EvaluatorConfig(compare_with_last=False, min_positives=10)
    result = evaluate(folder / "alone", folder / "examples", folder / "good", JOINT, alone, table=LACKING)
    outcome = blessing(result.evaluation, result.blessing)
    assert outcome.blessed, outcome.reasons
    assert {verdict.condition.kind for verdict in outcome.verdicts} == {"finite", "lift"}


def test_more_features_than_the_blessed_model_takes_refuse_nothing(tmp_path: Path) -> None:
    _list_features(tmp_path, LACKING)
    assert refusal(str(tmp_path), TABLE) is None
    assert refusal(str(tmp_path), LACKING) is None


@pytest.mark.parametrize(
    ("number", "ends"), [(20, "f19. Add"), (21, "f19 (and 1 more). Add"), (95, "f19 (and 75 more). Add")]
)
def test_a_refusal_names_twenty_features_and_counts_the_others(tmp_path: Path, number: int, ends: str) -> None:
    _list_features(tmp_path, tuple(_feature(f"f{index:02}") for index in range(number)))
    reason = str(refusal(str(tmp_path), ()))
    assert "this run lacks: f00, f01, f02, " in reason
    assert ends in reason


@pytest.mark.parametrize(
    ("taken", "now", "problem"),
    [
        (_feature("mood"), _feature("mood", kind="category"), "mood (numeric from users.mood, here category from use"),
        (_feature("mood"), _feature("mood", column="users.temper"), "mood (numeric from users.mood, here numeric from"),
        (_feature("p", kind="vector", length=3), _feature("p", kind="vector", length=2), "p (of length 3, here 2)"),
        (_feature("tags", kind="categories", length=3), _feature("tags", kind="categories", length=2), None),
        (_feature("mood", log=True), _feature("mood"), None),  # the model holds its own Transform
    ],
)
def test_a_feature_of_the_same_name_must_hold_the_same_values(
    tmp_path: Path, taken: Feature, now: Feature, problem: str | None
) -> None:
    _list_features(tmp_path, (taken,))
    reason = refusal(str(tmp_path), (now,))
    assert reason is None if problem is None else f"this run lacks: {problem}" in str(reason)


def test_an_old_model_without_the_list_is_known_by_its_signature(tmp_path: Path) -> None:
    graph = meta_graph_pb2.MetaGraphDef()
    for name in ("show_id", "user_hours_30d"):
        graph.signature_def["score_candidates"].inputs[name].name = name
    saved = saved_model_pb2.SavedModel(meta_graphs=[graph])
    (tmp_path / "saved_model.pb").write_bytes(saved.SerializeToString())
    assert taken_features(str(tmp_path)) == [TakenFeature("show_id"), TakenFeature("user_hours_30d")]
    assert refusal(str(tmp_path), TABLE) is None
    assert "this run lacks: user_hours_30d. Add" in str(refusal(str(tmp_path), LACKING))


def test_a_model_that_says_nothing_of_its_features_is_compared(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    assert taken_features(str(tmp_path)) == []
    assert refusal(str(tmp_path), ()) is None
