"""From artifacts to rows: every user of prepared rows goes through this piece."""

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models.spec import TrainingSpec
from models.training.prepare import PreparedData, prepared_data
from tests.models.prepared import RECIPES
from tests.models.training.artifacts import BUCKETS, write_artifacts
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.packed import packed_layout

CONFIG = FeaturesConfig(buckets=BUCKETS)


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    folder = tmp_path_factory.mktemp("artifacts")
    return folder, write_artifacts(folder, CONFIG, Domain())


def test_a_recipe_gets_its_own_sources_labels_and_columns(artifacts: tuple[Path, pa.Table]) -> None:
    folder, labelled = artifacts
    spec = TrainingSpec(
        name="ads", recipe=RECIPES["ads_stream_only"], sources=("promotion", "ad"), features=CONFIG.chosen()
    )
    with prepared_data(
        spec,
        train=[f"{folder}/Split-train/*"],
        validation=[f"{folder}/Split-validation/*"],
        transform_graph=f"{folder}/graph",
    ) as data:
        assert set(data.train.source) == {1}  # ads alone
        assert data.validation.label_names == ("stream",)
        np.testing.assert_array_equal(data.validation.label("stream"), labelled["stream"].to_numpy())
        assert [data.validation.source_names[code] for code in data.validation.source] == labelled["source"].to_pylist()
        assert data.layout == packed_layout(data.transform, spec.inputs)
        assert data.train.ids.shape[1:] == (data.layout.id_width,)
        assert data.train.floats.shape[1:] == (data.layout.float_width,)
        assert data.seconds > 0


def joint(artifacts: Path, beside: Path) -> AbstractContextManager[PreparedData]:
    spec = TrainingSpec(name="joint", recipe=RECIPES["joint"], sources=("promotion", "ad"), features=CONFIG.chosen())
    return prepared_data(
        spec,
        train=[f"{artifacts}/Split-train/*"],
        validation=[f"{artifacts}/Split-validation/*"],
        transform_graph=f"{artifacts}/graph",
        beside=str(beside),
    )


def test_files_of_rows_beyond_memory_go_with_the_block(
    artifacts: tuple[Path, pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = artifacts
    monkeypatch.setattr("models.training.prepare.MEMORY_BYTES", 1)
    with joint(folder, beside=tmp_path) as data:
        assert isinstance(data.train.ids, np.memmap)
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


def test_both_splits_share_the_memory(
    artifacts: tuple[Path, pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = artifacts
    with joint(folder, beside=tmp_path) as data:
        train, validation = data.train.nbytes, data.validation.nbytes
        assert data.train.bytes_in_memory + data.validation.bytes_in_memory == train + validation
    monkeypatch.setattr("models.training.prepare.MEMORY_BYTES", train + validation - 1)  # either fits, both do not
    with joint(folder, beside=tmp_path) as data:
        assert (data.train.bytes_in_memory, data.validation.bytes_in_memory) == (train, 0)
        assert (data.train.nbytes, data.validation.nbytes) == (train, validation)
