"""An exported model keeps its weights, and the meaning of its inputs, for a later training run."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.config import ModelConfig
from models.encoders.config import DenseConfig
from models.export.start_files import read_start, write_start
from models.model_inputs import model_inputs
from models.network import build_model, joined_inputs
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES
from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.features import FEATURES
from transforms.packed import packed_layout

CONFIG = FeaturesConfig(vocabulary_min_count=1, buckets={"show_id": 50})
NAMES = ("show_id", "show_language", "device", "genres", "show_age_days")
CHOSEN = tuple(feature for feature in CONFIG.table() if feature.name in NAMES)
LANGUAGES = ["se", "de", "se", None, "\u65e5", "se", "de", "a\\b"]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> TFTransformOutput:
    labelled = random_labelled(len(LANGUAGES), features=FEATURES)
    position = labelled.column_names.index("show_language")
    labelled = labelled.set_column(position, "show_language", pa.array(LANGUAGES))
    return analyse(labelled, CONFIG, tmp_path_factory.mktemp("graph"))


def test_rows_of_the_table_are_described_by_value(graph: TFTransformOutput) -> None:
    layout = packed_layout(graph, CHOSEN)
    inputs = model_inputs(layout, CHOSEN, graph, joined_inputs(layout, ModelConfig()))
    kept = [(feature.name, feature.kind, feature.column, feature.log, feature.length) for feature in CHOSEN]
    assert [tuple(feature.model_dump().values()) for feature in inputs.features] == kept
    by_name = {feature.name: feature for feature in inputs.embedded}
    assert set(by_name) == set(NAMES) - {"show_age_days"}
    language = by_name["show_language"]
    assert language.values[:2] == ("se", "de")  # by frequency
    assert set(language.values[2:]) == {"\u65e5", "a\\b"}
    assert language.rows == 2 + 4
    assert (by_name["show_id"].encoding, by_name["show_id"].rows, by_name["show_id"].values) == ("hash", 51, ())
    ends = np.cumsum([feature.rows for feature in inputs.embedded])
    assert [feature.row for feature in inputs.embedded] == [0, *ends[:-1]]
    assert ends[-1] == layout.rows


def test_files_are_read_as_they_were_written_and_are_the_same_each_time(
    graph: TFTransformOutput, tmp_path: Path
) -> None:
    layout = packed_layout(graph, CHOSEN)
    inputs = model_inputs(layout, CHOSEN, graph, joined_inputs(layout, ModelConfig()))
    recipe = RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(8,))})
    model = build_model(layout, recipe, ModelConfig())
    for name in ("first", "second"):
        write_start(model, inputs, str(tmp_path / name))
    start = read_start(str(tmp_path / "first"))
    assert start.inputs == inputs
    assert set(start.weights) == {weight.path for weight in model.weights}
    for weight in model.weights:
        np.testing.assert_array_equal(start.weights[weight.path], weight.numpy())
    first, second = (
        {file.name: file.read_bytes() for file in (tmp_path / name / "assets.extra").iterdir()}
        for name in ("first", "second")
    )
    assert first == second  # the digest of a published version does not depend on the time
