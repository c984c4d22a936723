"""The Transform graph on six rows; every expected number is worked out by hand."""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.examples import to_examples
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.packed import packed_layout
from transforms.raw_to_packed import RawToPacked

KEPT = {"session_position", "user_streams_30d", "device", "genres", "campaign_id"}
TASTE = Feature(name="taste", group="content", kind="vector", column="shows.taste", per="candidate", length=2)
WEIGHT = Feature(name="weight", group="content", kind="numeric", column="shows.weight", per="candidate")
CONFIG = FeaturesConfig(
    extra=(TASTE,),
    without=tuple(feature.name for feature in FEATURES if feature.name not in KEPT),
    vocabulary_size=2,
    vocabulary_min_count=2,
    buckets={"campaign_id": 1000},
)
ROWS = pa.table(
    {
        "session_position": pa.array([1, 3, None, 5, 7, math.nan], pa.float32()),
        "user_streams_30d": pa.array([0, 0, 0, math.e - 1, math.e - 1, math.e - 1], pa.float32()),
        "device": ["phone", "phone", "web", "web", "phone", None],
        "genres": [["a", "b"], ["b"], None, [], ["b", "a", "c", "b", "x", "y"], ["c", "a"]],
        "campaign_id": ["c1", "c2", None, "c1", "", "c3"],
        "weight": pa.array([1, 2, 3, 4, 5, None], pa.float32()),
        "taste": pa.array([[1, 2], None, [3, math.nan], [5, 6], [7, 8], [9, 10]], pa.list_(pa.float32())),
    }
)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> TFTransformOutput:
    return analyse(ROWS, CONFIG, tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def columns(graph: TFTransformOutput) -> dict[str, np.ndarray]:
    """Each feature's columns of the packed tensors, ids as rows of their own feature."""
    columns = packed_layout(graph, CONFIG.table())
    packed = RawToPacked(graph, columns, CONFIG.table()).from_examples(tf.constant(to_examples(ROWS)))
    values = {
        entry.name: packed["ids"].numpy()[:, entry.column : entry.column + entry.width] - entry.row
        for entry in columns.ids
    }
    for entry in columns.floats:
        values[entry.name] = packed["floats"].numpy()[:, entry.column : entry.column + entry.width]
    return values


def test_a_z_score_ignores_missing_values_and_marks_them(columns: dict[str, np.ndarray]) -> None:
    # Present: 1, 3, 5, 7; mean 4, variance (9 + 1 + 1 + 9) / 4 = 5.
    expected = [-3 / 5**0.5, -1 / 5**0.5, 0, 1 / 5**0.5, 3 / 5**0.5, 0]
    np.testing.assert_allclose(columns["session_position"][:, 0], expected, rtol=1e-6)
    np.testing.assert_array_equal(columns["session_position"][:, 1], [1, 1, 0, 1, 1, 0])


def test_counts_are_logged_before_scoring(columns: dict[str, np.ndarray]) -> None:
    # log(1 + x) is 0 three times and 1 three times; mean 1/2, deviation 1/2.
    np.testing.assert_allclose(columns["user_streams_30d"][:, 0], [-1, -1, -1, 1, 1, 1], rtol=1e-6)


def test_quantiles_are_z_scores_of_training_values(graph: TFTransformOutput, columns: dict[str, np.ndarray]) -> None:
    quantiles = {entry.name: entry.quantiles for entry in packed_layout(graph, CONFIG.table()).floats}
    # Four values: the first quarter of the boundaries is at the least of them, the next quarter at the second.
    scores = np.unique(columns["session_position"][[0, 1, 3, 4], 0])
    (boundaries,) = quantiles["session_position"]
    np.testing.assert_array_equal(boundaries, np.repeat(scores, [17, 16, 16, 16]))
    np.testing.assert_array_equal(quantiles["user_streams_30d"], [np.repeat(np.float32([-1, 1]), [33, 32])])
    assert quantiles["taste"] == ()


def test_vocabulary_ids_are_by_rank_after_missing_and_other(columns: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(columns["device"][:, 0], [2, 2, 3, 3, 2, 0])


def test_several_values_are_cut_and_padded_and_rare_values_share_an_id(columns: dict[str, np.ndarray]) -> None:
    # Of the first four values of each row: b 4 times, a 3 times; c twice, but only two values are kept.
    expected = [[3, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [2, 3, 1, 2], [1, 3, 0, 0]]
    np.testing.assert_array_equal(columns["genres"], expected)


def test_hashes_stay_the_same_between_versions(columns: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(
        columns["campaign_id"][:, 0], [HASHED["c1"], HASHED["c2"], 0, HASHED["c1"], 0, HASHED["c3"]]
    )


def test_vectors_pass_with_zeros_for_missing_numbers(columns: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(columns["taste"], [[1, 2], [0, 0], [3, 0], [5, 6], [7, 8], [9, 10]])


HASHED = {"c1": 605, "c2": 653, "c3": 607}
"""1 + FarmHash Fingerprint64 mod 2^62 mod 1000; a change would break every model already pushed."""


@pytest.mark.parametrize(
    ("kept", "extra", "widths"),
    [((), (WEIGHT,), (0, 2)), (("campaign_id",), (), (1, 0)), (("campaign_id",), (TASTE,), (1, 2))],
)
def test_a_table_without_ids_or_numbers_works(
    kept: tuple[str, ...], extra: tuple[Feature, ...], widths: tuple[int, int], tmp_path: Path
) -> None:
    without = tuple(feature.name for feature in FEATURES if feature.name not in kept)
    config = FeaturesConfig(without=without, extra=extra)
    graph = analyse(ROWS, config, tmp_path)
    packed = RawToPacked(graph, packed_layout(graph, config.table()), config.table()).from_examples(to_examples(ROWS))
    assert (packed["ids"].shape, packed["floats"].shape) == ((6, widths[0]), (6, widths[1]))
