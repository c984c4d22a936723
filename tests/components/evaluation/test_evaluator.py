"""TFX's Evaluator as the pipeline runs it: every figure is scikit-learn's, and the blessing says why."""

import math
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from components.evaluation import eval_config as eval_config_module
from components.evaluation import settings
from components.evaluation.blessing import VERDICTS, blessing
from components.evaluation.config import BASELINE, CANDIDATE, EvaluatorConfig, Threshold
from components.evaluation.messages import messages
from components.evaluation.paired.slices import UNSEEN
from components.evaluation.results import load
from components.evaluation.scores import read_scores
from components.evaluation.slices import SLICES, Slice, column_values
from components.evaluation.verdict import loads
from components.ingestion.outputs.ids import TRAINED_IDS, distinct_ids, write_ids
from logs.config import TiersConfig
from logs.tiers import with_tiers
from tests.components.evaluation.against_scikit_learn import CONFIG, TIERS, assert_scikit_learn
from tests.components.evaluation.evaluated import RECIPES, Evaluated, evaluate, scores_of, write_model, write_rows
from tests.labelled_rows import random_labelled

JOINT, POOLED, ADS_ONLY = (RECIPES[name] for name in ("joint", "single_task_pooled", "ads_stream_only"))
GOOD, BAD = 1.0, -1.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluations")


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return random_labelled(4_000, seed=3)


@pytest.fixture(scope="module")
def first(folder: Path, rows: pa.Table) -> Evaluated:
    """A good model, evaluated for the first time."""
    examples, model = write_rows(folder / "examples", rows), write_model(folder / "good", JOINT.heads, GOOD)
    return evaluate(folder / "first", examples, model, JOINT, CONFIG)


@pytest.fixture(scope="module")
def worse(folder: Path, rows: pa.Table, first: Evaluated) -> Evaluated:
    """A bad model, the good one being the last blessed."""
    bad = write_model(folder / "bad", JOINT.heads, BAD)
    return evaluate(folder / "worse", folder / "examples", bad, JOINT, CONFIG, baseline=folder / "good")


def test_every_slice_equals_scikit_learn(first: Evaluated, rows: pa.Table) -> None:
    figures = load(first.evaluation).figures
    slices = {figure.slice for figure in figures}
    assert len(slices) == 1 + 2 + 8 + 16 + 1 + 2
    assert {"overall", "source=ad", "stream_tier=7", "source=ad, stream_tier=3", "less_streamed=1"} <= slices
    assert "less_streamed=1, source=promotion" in slices
    assert len(figures) == 5 * len(slices)
    assert_scikit_learn(list(figures), rows, JOINT, GOOD)


def test_a_first_model_that_reaches_the_thresholds_is_blessed(first: Evaluated) -> None:
    outcome = blessing(first.evaluation, first.blessing)
    assert outcome.blessed
    assert outcome.reasons == ()
    assert "no blessed model to compare with" in outcome.verdicts[-1].sentence


def test_conditions_count_rows_in_the_slice_of_all_rows_alone(first: Evaluated) -> None:
    counted: dict[bool, set[bool]] = {True: set(), False: set()}
    for message in messages(first.evaluation):
        for item in message.metric_keys_and_values:
            if item.key.name == VERDICTS:
                judged = loads(item.value.bytes_value.decode())
                overall = not message.slice_key.single_slice_keys
                counted[overall] |= {verdict.candidate.examples > 0 for verdict in judged}
    assert counted == {True: {True}, False: {False}}


def test_other_boundaries_give_other_slices_of_the_same_examples(
    folder: Path, rows: pa.Table, first: Evaluated
) -> None:
    tiers = TiersConfig(boundaries_hours=(700_000, 300_000, 250_000, 3_000, 2_000, 30, 20), less_streamed_below=10_000)
    result = evaluate(folder / "tiers", folder / "examples", folder / "good", JOINT, CONFIG, tiers=tiers)
    figures = load(result.evaluation).figures
    assert_scikit_learn(list(figures), rows, JOINT, GOOD, tiers)
    examples = {figure.slice: figure.examples for figure in figures if figure.head == "click"}
    assert examples["stream_tier=0"] == examples["stream_tier=2"] == examples["stream_tier=6"] == 0
    assert examples["stream_tier=1"] > 0
    assert examples["less_streamed=1"] == examples["overall"]


def test_both_models_are_read_on_the_same_rows(worse: Evaluated, rows: pa.Table) -> None:
    figures = load(worse.evaluation).figures
    assert_scikit_learn([figure for figure in figures if figure.model == CANDIDATE], rows, JOINT, BAD)
    assert_scikit_learn([figure for figure in figures if figure.model == BASELINE], rows, JOINT, GOOD)
    assert len({figure.model for figure in figures}) == 2


def test_a_model_worse_than_the_last_blessed_is_not_blessed_and_says_why(worse: Evaluated) -> None:
    outcome = blessing(worse.evaluation, worse.blessing)
    assert not outcome.blessed
    assert any(reason.startswith("ad_stream on ad: AP") and "threshold" in reason for reason in outcome.reasons)
    assert any("below the last blessed model's" in reason for reason in outcome.reasons)
    assert any("of stream tiers 3, 4, 5, 6, 7" in reason for reason in outcome.reasons)
    assert all("not judged" not in reason for reason in outcome.reasons)


def test_slices_without_positives_or_rows_are_null_marked_and_not_gated(
    folder: Path, rows: pa.Table, first: Evaluated
) -> None:
    high_ads = pc.or_(pc.equal(rows["source"], "promotion"), pc.less(with_tiers(rows, TIERS)["stream_tier"], 3))
    thin = rows.filter(high_ads)
    index = thin.schema.get_field_index("follow")
    thin = thin.set_column(index, thin.schema.field(index), pa.array(np.zeros(len(thin), np.int64)))
    examples = write_rows(folder / "thin_examples", thin)
    result = evaluate(folder / "thin", examples, folder / "good", JOINT, CONFIG, baseline=folder / "good")
    assert blessing(result.evaluation, result.blessing).blessed
    figures = [figure for figure in load(result.evaluation).figures if figure.model == CANDIDATE]
    follows = [figure for figure in figures if figure.head == "follow"]
    assert follows
    assert all(figure.ap is None and figure.positives == 0 and not figure.judged for figure in follows)
    assert len(figures) == 5 * (1 + 2 + 8 + 16 + 1 + 2)
    (absent,) = (one for one in figures if (one.head, one.slice) == ("ad_stream", "source=ad, stream_tier=5"))
    assert absent.keys == {"source": "ad", "stream_tier": 5}
    assert (absent.ap, absent.base_rate, absent.positives, absent.examples, absent.judged) == (None, None, 0, 0, False)
    assert {one.model for one in load(result.evaluation).figures if one.slice == absent.slice} == {CANDIDATE, BASELINE}
    assert_scikit_learn(figures, thin, JOINT, GOOD)


def test_scores_that_are_not_numbers_are_never_blessed(folder: Path, first: Evaluated) -> None:
    broken = write_model(folder / "broken", ADS_ONLY.heads, math.nan)
    lenient = EvaluatorConfig(thresholds=(), tolerances=())
    result = evaluate(folder / "nan", folder / "examples", broken, ADS_ONLY, lenient)
    outcome = blessing(result.evaluation, result.blessing)
    assert not outcome.blessed
    assert "scores are not finite numbers" in outcome.reasons[0]
    assert {figure.calibration for figure in load(result.evaluation).figures} == {None}


def test_a_calibration_out_of_bounds_is_not_blessed_and_says_so(folder: Path, rows: pa.Table, first: Evaluated) -> None:
    (stream,) = (one for one in load(first.evaluation).figures if (one.head, one.slice) == ("ad_stream", "source=ad"))
    ratio, high = stream.calibration, stream.calibration_high
    assert ratio
    assert high
    for number, (bounds, blessed) in enumerate({(ratio * 1.1, high * 2): True, (high * 1.1, high * 2): False}.items()):
        config = EvaluatorConfig(thresholds=(Threshold(source="ad", calibration=bounds),))
        result = evaluate(folder / f"bounds_{number}", folder / "examples", folder / "good", JOINT, config)
        outcome = blessing(result.evaluation, result.blessing)
        assert outcome.blessed == blessed
    assert f"ad_stream on ad: expected / observed outcomes is {ratio:.2f} (95 % interval" in outcome.reasons[0]


def test_an_evaluation_of_an_earlier_version_has_no_calibration(
    first: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.evaluation import results

    def old(uri: str) -> list:
        kept = []
        for message in messages(uri):
            new = {"expected", "calibration", "calibration_low", "calibration_high"}
            values = [item for item in message.metric_keys_and_values if item.key.name not in new]
            del message.metric_keys_and_values[:]
            message.metric_keys_and_values.extend(values)
            kept.append(message)
        return kept

    monkeypatch.setattr(results, "messages", old)
    figures = [figure for figure in load(first.evaluation).figures if figure.examples]
    assert {(figure.expected, figure.calibration, figure.calibration_low) for figure in figures} == {(None, None, None)}
    assert all(figure.ap is not None for figure in figures if figure.positives)


def test_a_recipe_of_one_head_with_a_baseline(folder: Path, rows: pa.Table, first: Evaluated) -> None:
    model = write_model(folder / "one_head", POOLED.heads, GOOD)
    result = evaluate(folder / "single", folder / "examples", model, POOLED, CONFIG, baseline=model)
    figures = load(result.evaluation).figures
    assert {figure.head for figure in figures} == {"ad_stream"}
    assert any(
        figure.keys.get("source") == "promotion" and figure.positives for figure in figures
    )  # its only stream head
    assert_scikit_learn(list(figures), rows, POOLED, GOOD)
    assert blessing(result.evaluation, result.blessing).blessed


def test_tfma_s_own_extractors_give_the_same_figures(folder: Path, first: Evaluated) -> None:
    few = with_tiers(random_labelled(300, seed=4), TIERS)  # TFMA slices by what an example holds
    examples = write_rows(folder / "few_examples", few)
    ours = evaluate(folder / "few", examples, folder / "good", JOINT, CONFIG)
    stock = evaluate(folder / "stock", examples, folder / "good", JOINT, CONFIG, module_path=None)
    left, right = load(ours.evaluation).figures, load(stock.evaluation).figures
    assert [figure.slice for figure in left] == [figure.slice for figure in right]
    for one, other in zip(left, right, strict=True):
        for name, value in asdict(one).items():
            # TensorFlow rounds the scores of a batch otherwise than that of a single row.
            assert getattr(other, name) == (pytest.approx(value, rel=1e-7) if isinstance(value, float) else value)


def test_a_slice_added_since_an_evaluation_is_not_taken_for_one_without_rows(
    first: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = column_values(("promotion", "ad")) | {"device": ("tv", "phone")}
    monkeypatch.setattr(settings, "column_values", lambda _: values)
    monkeypatch.setattr(settings, "SLICES", (*SLICES, Slice(("device",))))
    assert len(load(first.evaluation).figures) == 150


def test_a_slice_added_to_the_table_is_read_also_where_rows_lack_its_column(
    folder: Path, rows: pa.Table, first: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (eval_config_module, settings):
        monkeypatch.setattr(module, "SLICES", (*SLICES, Slice(("device",))))
    devices = [None if number % 3 else device for number, device in enumerate(rows["device"].to_pylist())]
    gaps = rows.set_column(rows.schema.get_field_index("device"), "device", pa.array(devices, pa.string()))
    examples = write_rows(folder / "gaps", gaps)
    evaluated = evaluate(folder / "by_device", examples, folder / "good", JOINT, CONFIG)
    clicks = {
        one.keys["device"]: one
        for one in load(evaluated.evaluation).figures
        if one.head == "click" and "device" in one.keys
    }
    assert clicks.keys() == {device or "" for device in devices}
    assert {name: one.examples for name, one in clicks.items()} == {
        name: sum((device or "") == name for device in devices) for name in clicks
    }
    assert clicks[""].slice == "device="


def test_results_are_read_without_tensorflow(first: Evaluated) -> None:
    code = (
        "import sys; from components.evaluation.results import load; rows = load(sys.argv[1]).figures; "
        "print(len(rows), 'tensorflow' in sys.modules, 'tensorflow_model_analysis' in sys.modules); "
        "import tensorflow_model_analysis; print(len(load(sys.argv[1]).figures))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, first.evaluation], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["150", "False", "False", "150"]


def test_every_row_s_scores_are_kept_in_the_order_of_the_impressions(worse: Evaluated, rows: pa.Table) -> None:
    scores = read_scores(worse.scores)
    tiers = with_tiers(rows, TIERS)
    assert scores.rows["impression_id"].to_list() == rows["impression_id"].to_pylist()
    for column in ("user_id", "source", "show_id", "campaign_id", "creative_id", "stream_tier", "less_streamed"):
        assert scores.rows[column].to_list() == tiers[column].to_pylist(), column
    for label in JOINT.labels:
        assert scores.label(label).tolist() == rows[label].to_pylist()
    served, before = scores_of(rows, JOINT.heads, BAD), scores_of(rows, JOINT.heads, GOOD)
    for head in JOINT.heads:
        assert scores.score(head) == pytest.approx(served[head], rel=1e-5)
        assert scores.last_blessed.score(head) == pytest.approx(before[head], rel=1e-5)
    ages = rows["show_age_days"].to_pylist()
    assert scores.rows["first_days"].to_list() == [int(age is not None and age < 7) for age in ages]
    assert scores.rows["unseen_show"].null_count() == len(rows)  # these Examples do not say what training had
    assert scores.heads_for("stream", "ad") == ("ad_stream",)


def test_scores_say_what_training_never_showed(folder: Path, rows: pa.Table, first: Evaluated) -> None:
    trained = rows.slice(0, 30)
    write_ids(f"{folder}/examples/{TRAINED_IDS}", distinct_ids(trained))
    try:
        result = evaluate(folder / "unseen", folder / "examples", folder / "good", POOLED, CONFIG)
    finally:
        Path(f"{folder}/examples/{TRAINED_IDS}").unlink()
    kept = read_scores(result.scores)
    for mark, column in UNSEEN.items():
        known = set(trained[column].to_pylist())
        expected = [int(value is not None and value not in known) for value in rows[column].to_pylist()]
        assert 0 < sum(expected) < len(expected)
        assert kept.rows[mark].to_list() == expected
    assert kept.last_blessed is None
