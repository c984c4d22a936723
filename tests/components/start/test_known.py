"""The ids that a model has learned, read from its training rows."""

from pathlib import Path

import pyarrow as pa
import pytest
from tfx.types.standard_artifacts import Examples, Model, TransformGraph

from components.start.known import KnownStart, known_ids
from models.export.start_files import read_known, write_known
from tests.labelled_rows import random_labelled
from transforms.examples import to_examples, write_examples
from transforms.features import FEATURES
from transforms.learned import TABLE, table_text

HASHED = tuple(
    feature for feature in FEATURES if feature.name in ("show_id", "user_recent_shows", "creative_id", "market")
)


def rows_with(**columns: list[object]) -> pa.Table:
    """Some labelled rows with other values in some columns."""
    rows = random_labelled(len(next(iter(columns.values()))), seed=1)
    for name, values in columns.items():
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, pa.array(values, rows.schema.field(name).type))
    return rows


def test_ids_are_those_of_the_rows_by_the_feature_that_owns_them(tmp_path: Path) -> None:
    rows = rows_with(
        show_id=["b", "a", "a"],
        user_recent_shows=[["c", "a"], [], ["d"]],
        creative_id=["", None, "x"],
        market=["de", "de", "fr"],
    )
    for number, part in enumerate((rows.slice(0, 2), rows.slice(2))):
        write_examples(to_examples(part), str(tmp_path / f"examples-{number}.tfrecord.gz"))
    known = known_ids(f"{tmp_path}/*", HASHED)
    assert known["show_id"] == ("a", "b", "c", "d"), "a list shares the ids of show_id"
    assert "user_recent_shows" not in known
    assert known["creative_id"] == ("x",), "an empty id is none"
    assert "market" not in known, "a vocabulary needs no ids"


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Examples, TransformGraph]:
    """Training rows, and of a Transform only the table of features, which is all that the node reads."""
    folder = tmp_path_factory.mktemp("artifacts")
    for split, seed in (("train", 1), ("validation", 2)):
        (folder / f"Split-{split}").mkdir()
        rows = random_labelled(50, seed=seed)
        write_examples(to_examples(rows), str(folder / f"Split-{split}/examples-0.tfrecord.gz"))
    assets = folder / "graph/transform_fn/assets"
    assets.mkdir(parents=True)
    (assets / TABLE).write_bytes(table_text(FEATURES))
    examples, graph = Examples(), TransformGraph()
    examples.uri, graph.uri = str(folder), str(folder / "graph")
    examples.split_names = '["train", "validation"]'
    return folder, examples, graph


def copied(artifacts: tuple[Path, Examples, TransformGraph], model: Path, to: Path) -> Path:
    """Runs the node on a model's folder; the folder of the copied SavedModel."""
    _, examples, graph = artifacts
    given, start = Model(), Model()
    given.uri, start.uri = str(model), str(to)
    KnownStart.EXECUTOR_SPEC.executor_class._FUNCTION(
        model=given, examples=examples, transform_graph=graph, start=start
    )
    return to / "Format-Serving"


def made_model(folder: Path) -> Path:
    (folder / "Format-Serving").mkdir(parents=True)
    (folder / "Format-Serving/saved_model.pb").write_text("a model")
    return folder


def test_the_copy_of_a_model_has_the_ids_of_its_training_rows_alone(
    artifacts: tuple[Path, Examples, TransformGraph], tmp_path: Path
) -> None:
    folder = copied(artifacts, made_model(tmp_path / "model"), tmp_path / "start")
    assert (folder / "saved_model.pb").read_text() == "a model"
    known = read_known(str(folder))
    assert known is not None
    trained = random_labelled(50, seed=1)
    assert set(known["creative_id"]) == {value for value in trained["creative_id"].to_pylist() if value}


def test_a_model_that_was_fine_tuned_keeps_its_ids(
    artifacts: tuple[Path, Examples, TransformGraph], tmp_path: Path
) -> None:
    model = made_model(tmp_path / "model")
    write_known({"show_id": ("a",)}, str(model / "Format-Serving"))
    assert read_known(str(copied(artifacts, model, tmp_path / "start"))) == {"show_id": ("a",)}
