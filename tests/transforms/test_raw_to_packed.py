"""One path for training and serving: the same numbers from Beam, from tf.Examples and from dense requests."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from tests.transforms.analysis import transform_on_beam
from tests.transforms.dense_rows import dense, one_request, with_request_of_first_row
from transforms.config import FeaturesConfig
from transforms.domain import DEFAULT_LABELS
from transforms.examples import to_examples
from transforms.feature import Feature, Group
from transforms.features import of_sources
from transforms.packed import packed_layout
from transforms.raw_to_packed import RawToPacked


@pytest.fixture(scope="module")
def prepared(graph: TFTransformOutput, config: FeaturesConfig) -> RawToPacked:
    return RawToPacked(graph, packed_layout(graph, config.table()), config.table())


def rows(packed: dict[str, tf.Tensor]) -> list[tuple]:
    return sorted(zip(packed["ids"].numpy().tolist(), packed["floats"].numpy().tolist(), strict=True))


def test_beam_and_serving_transform_alike(
    graph: TFTransformOutput, labelled: pa.Table, config: FeaturesConfig, prepared: RawToPacked, tmp_path: Path
) -> None:
    on_beam = transform_on_beam(labelled, config, graph, tmp_path)
    packed = prepared.layout.pack(
        {
            name: tf.constant(values, tf.int64 if name.endswith("ids") else tf.float32)
            for name, values in on_beam.items()
        }
    )
    assert rows(packed) == rows(prepared.from_examples(tf.constant(to_examples(labelled))))


def test_a_request_and_its_rows_as_examples_are_packed_alike(labelled: pa.Table, prepared: RawToPacked) -> None:
    examples = to_examples(with_request_of_first_row(labelled, prepared.features))
    from_examples = prepared.from_examples(tf.constant(examples))
    from_request = prepared.from_request(tensors(one_request(labelled, prepared.features)))
    assert_close(from_examples, from_request)


def test_labels_and_keys_are_not_needed(labelled: pa.Table, prepared: RawToPacked) -> None:
    bare = labelled.select([feature.name for feature in prepared.features])
    assert not set(DEFAULT_LABELS) & set(bare.column_names)
    for name, tensor in prepared.from_examples(tf.constant(to_examples(bare))).items():
        np.testing.assert_array_equal(tensor, prepared.from_examples(tf.constant(to_examples(labelled)))[name])


def test_missing_is_the_same_as_an_absent_feature_an_empty_text_or_nan(prepared: RawToPacked) -> None:
    absent = prepared.from_examples(tf.constant([b""]))
    empty = tf.train.Example()
    for feature in prepared.features:
        if feature.storage.is_number:
            empty.features.feature[feature.name].float_list.value.extend([np.nan] * feature.length)
        else:
            empty.features.feature[feature.name].bytes_list.value.append(b"")
    written = prepared.from_examples(tf.constant([empty.SerializeToString()]))
    nothing = pa.table({feature.name: pa.nulls(1) for feature in prepared.features})
    requested = prepared.from_request(tensors(dense(nothing, prepared.features)))
    for name in ("ids", "floats"):
        np.testing.assert_array_equal(absent[name], written[name])
        np.testing.assert_array_equal(absent[name], requested[name])
    assert not absent["floats"].numpy().any()
    assert absent["ids"].numpy().tolist() == [[entry.row for entry in prepared.layout.ids for _ in range(entry.width)]]


@pytest.mark.parametrize("extreme", [3.4e38, -3.4e38])
def test_numbers_at_the_end_of_float32_stay_far_from_it(extreme: float, prepared: RawToPacked) -> None:
    row = tf.train.Example()
    for feature in prepared.features:
        if feature.storage.is_number:
            row.features.feature[feature.name].float_list.value.extend([extreme] * feature.length)
    floats = prepared.from_examples(tf.constant([row.SerializeToString()]))["floats"].numpy()[0]
    kinds = {feature.name: feature for feature in prepared.features}
    for entry in prepared.layout.floats:
        own = floats[entry.column : entry.column + entry.width]
        if kinds[entry.name].kind == "vector":
            assert own.tolist() == [np.sign(extreme) * 1e6] * entry.width
        else:
            assert abs(own[0]) <= 100
            assert own[1] == 1, f"{entry.name} is present, however far"


def test_every_id_lies_in_its_features_rows(labelled: pa.Table, prepared: RawToPacked) -> None:
    ids = prepared.from_examples(tf.constant(to_examples(labelled)))["ids"].numpy()
    for entry in prepared.layout.ids:
        own = ids[:, entry.column : entry.column + entry.width]
        assert own.min() >= entry.row, entry.name
        assert own.max() < entry.row + entry.rows, entry.name
        assert own.max() > entry.row, f"{entry.name} is always missing"


def test_a_model_never_reads_the_features_of_sources_it_is_not_trained_on(
    labelled: pa.Table, graph: TFTransformOutput, config: FeaturesConfig
) -> None:
    features = of_sources(config.chosen(), ("promotion",))
    baseline = RawToPacked(graph, packed_layout(graph, features), features)
    assert not {"creative_id", "creative_format"} & {entry.name for entry in baseline.layout.ids}
    without = labelled.drop(["creative_id", "creative_format"])
    for name, tensor in baseline.from_examples(tf.constant(to_examples(labelled))).items():
        np.testing.assert_array_equal(tensor, baseline.from_examples(tf.constant(to_examples(without)))[name])
    examples = to_examples(with_request_of_first_row(without, features))
    assert_close(
        baseline.from_request(tensors(one_request(without, features))), baseline.from_examples(tf.constant(examples))
    )


def test_a_feature_added_to_the_table_reaches_the_model(prepared: RawToPacked, labelled: pa.Table) -> None:
    """`taste` and `mood` are rows of the config's `features.extra`; no code knows their names."""
    mood = next(entry for entry in prepared.layout.ids if entry.name == "mood")
    taste = next(entry for entry in prepared.layout.floats if entry.name == "taste")
    packed = prepared.from_examples(tf.constant(to_examples(labelled)))
    assert mood.rows == 2 + len({value for value in labelled["mood"].to_pylist() if value})
    assert len(np.unique(packed["ids"][:, mood.column])) == mood.rows - 1  # missing and each value, none unlisted
    expected = dense(labelled, prepared.features)["taste"]
    np.testing.assert_array_equal(
        packed["floats"][:, taste.column : taste.column + 3], np.where(np.isnan(expected), 0, expected)
    )


@pytest.mark.parametrize("group", ["user", "content", "creative"])
def test_any_group_with_a_candidate_feature_gives_a_row_for_each_candidate(
    group: Group, labelled: pa.Table, graph: TFTransformOutput, config: FeaturesConfig
) -> None:
    """Candidates have floats and no ids in `user`, ids and no floats in `creative`."""
    features = config.model_copy(update={"groups": (group,)}).chosen()
    chosen = RawToPacked(graph, packed_layout(graph, features), features)
    from_request = chosen.from_request(tensors(one_request(labelled, features)))
    assert {len(tensor) for tensor in from_request.values()} == {len(labelled)}
    examples = to_examples(with_request_of_first_row(labelled, features))
    assert_close(from_request, chosen.from_examples(tf.constant(examples)))


LENGTHS = {
    "two users": lambda feature, value: np.repeat(value, 2, axis=0) if feature.per == "request" else value[:2],
    "no user": lambda feature, value: value[:0] if feature.per == "request" else value,
    "a short numeric": lambda feature, value: value[:4] if feature.name == "show_age_days" else value,
    "a short hashed": lambda feature, value: value[:4] if feature.name == "show_id" else value,
    "one genre row": lambda feature, value: value[:1] if feature.name == "genres" else value,
    "a short vector": lambda feature, value: value[:4] if feature.name == "show_embedding" else value,
    "a narrow vector": lambda feature, value: value[:, :3] if feature.name == "show_embedding" else value,
    "a flat list of genres": lambda feature, value: value[:, 0] if feature.name == "genres" else value,
}


@pytest.mark.parametrize("wrong", LENGTHS)
def test_wrong_lengths_are_an_error_and_never_scores(wrong: str, labelled: pa.Table, prepared: RawToPacked) -> None:
    request = one_request(labelled, prepared.features)
    by_name: dict[str, Feature] = {feature.name: feature for feature in prepared.features}
    broken = {name: LENGTHS[wrong](by_name[name], value) for name, value in request.items()}
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError)):
        prepared.from_request(tensors(broken))


def tensors(arrays: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {
        name: tf.constant(array, tf.string if array.dtype == object else tf.float32) for name, array in arrays.items()
    }


def assert_close(left: dict[str, tf.Tensor], right: dict[str, tf.Tensor]) -> None:
    """The same ids; floats to the last digits: the logarithms of one row and of many differ there."""
    np.testing.assert_array_equal(left["ids"], right["ids"])
    np.testing.assert_allclose(left["floats"], right["floats"], rtol=0, atol=1e-6)
