"""The model that training starts from, in TFX runs with a metadata store."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.io import fileio
from tfx.types.standard_artifacts import Examples, Model, ModelBlessing
from tfx.utils import io_utils
from tfx.utils.path_utils import is_old_model_artifact, serving_model_path

from components.split.artifacts import TRAINED_ROWS
from components.start.errors import StartError
from components.start.nodes import imported_model, last_model
from tests.components.runs import artifacts, run, states


@component
def Split(examples: OutputArtifact[Examples], day: Parameter[str], code: Parameter[str]) -> None:  # noqa: N802
    fileio.makedirs(examples.uri)
    examples.set_string_custom_property("day", day)
    examples.set_string_custom_property(TRAINED_ROWS, day)


@component
def Train(  # noqa: N802
    examples: InputArtifact[Examples],
    model: OutputArtifact[Model],
    rate: Parameter[str],
    base_model: InputArtifact[Model] = None,
) -> None:
    """A model that records its day and the model it starts from."""
    fileio.makedirs(model.uri)
    start = base_model.get_string_custom_property("made") if base_model else "nothing"
    model.set_string_custom_property("made", f"{examples.get_string_custom_property('day')} from {start}")


@component
def TrainOnFile(model: OutputArtifact[Model], base_model: InputArtifact[Model]) -> None:  # noqa: N802
    """Reads the base model where TFX's Trainer does."""
    folder = serving_model_path(base_model.uri, is_old_model_artifact(base_model))
    with fileio.open(f"{folder}/saved_model.pb") as file:
        model.set_string_custom_property("made", f"from {file.read()}")


@component
def Judge(model: InputArtifact[Model], blessing: OutputArtifact[ModelBlessing], blessed: Parameter[int]) -> None:  # noqa: N802
    blessing.set_int_custom_property("blessed", blessed)
    blessing.set_int_custom_property("current_model_id", model.id)


def daily(day: str, *, rate: str = "0.1", code: str = "1", blessed: bool = True) -> list[BaseNode]:
    split = Split(day=day, code=code)
    last = last_model(split.outputs["examples"], "Evaluator.joint", trials=False).with_id("Resolver.joint.start")
    train = Train(examples=split.outputs["examples"], base_model=last.outputs["model"], rate=rate)
    train = train.with_id("Trainer.joint")
    judge = Judge(model=train.outputs["model"], blessed=int(blessed)).with_id("Evaluator.joint")
    return [split, last, train, judge]


def made(folder: Path) -> list[str]:
    """What each trained model is made of, the oldest first."""
    models = (artifact.custom_properties for artifact in artifacts(folder, "Model"))
    return [properties["made"].string_value for properties in models if "made" in properties]


def test_training_starts_from_the_last_blessed_model_of_other_rows(tmp_path: Path):
    run(tmp_path, daily("monday"))
    assert made(tmp_path) == ["monday from nothing"]

    run(tmp_path, daily("monday"))
    assert states(tmp_path)["Trainer.joint"] == "cached", "its own model has learned these rows already"

    run(tmp_path, daily("tuesday"))
    assert made(tmp_path)[-1] == "tuesday from monday from nothing"

    run(tmp_path, daily("tuesday", rate="0.2"))
    assert made(tmp_path)[-1] == "tuesday from monday from nothing", "not from tuesday's first model"

    run(tmp_path, daily("wednesday", blessed=False))
    run(tmp_path, daily("thursday"))
    assert made(tmp_path)[-1] == "thursday from tuesday from monday from nothing", "wednesday was not blessed"


def test_a_model_that_learned_the_same_rows_is_no_start_though_ingestion_made_them_again(tmp_path: Path):
    run(tmp_path, daily("monday"))
    run(tmp_path, daily("tuesday"))
    run(tmp_path, daily("tuesday", code="2"))
    assert made(tmp_path)[-1] == "tuesday from monday from nothing", "not from tuesday's first model"


def saved_model(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "saved_model.pb").write_text(text)
    return folder


def from_folder(folder: Path, root: Path) -> list[BaseNode]:
    imported = imported_model(str(folder), f"{root}/starts").with_id("Importer.joint")
    return [imported, TrainOnFile(base_model=imported.outputs["result"]).with_id("Trainer.joint")]


@pytest.mark.parametrize("inner", ["", "Format-Serving"], ids=["a published version", "the model of a Trainer"])
def test_training_starts_from_a_model_in_a_folder(tmp_path: Path, inner: str):
    folder = tmp_path / "models" / "1"
    saved_model(folder / inner, "one")
    run(tmp_path, from_folder(folder, tmp_path))
    assert made(tmp_path) == ["from one"]

    run(tmp_path, from_folder(folder, tmp_path))
    assert states(tmp_path)["Trainer.joint"] == "cached"

    saved_model(folder / inner, "two")
    run(tmp_path, from_folder(folder, tmp_path))
    assert made(tmp_path) == ["from one", "from two"]


def test_a_folder_without_a_model_is_refused(tmp_path: Path):
    saved_model(tmp_path / "models" / "1", "one")
    with pytest.raises(StartError, match=rf"^start_from: {tmp_path}/models holds no model: name the folder of a"):
        imported_model(f"{tmp_path}/models", f"{tmp_path}/starts")
    assert not (tmp_path / "starts").exists()


def test_of_two_runs_at_once_one_copies_the_model_and_the_other_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    saved_model(tmp_path / "1", "one")
    copying, go_on = threading.Event(), threading.Event()
    copies: list[str] = []
    copy_dir: Callable[[str, str], None] = io_utils.copy_dir

    def slow(source: str, target: str) -> None:
        copies.append(target)
        copying.set()
        assert go_on.wait(60)
        copy_dir(source, target)

    monkeypatch.setattr(io_utils, "copy_dir", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(imported_model, f"{tmp_path}/1", f"{tmp_path}/starts")
        assert copying.wait(60)
        second = pool.submit(imported_model, f"{tmp_path}/1", f"{tmp_path}/starts")
        threading.Timer(1, go_on.set).start()
        first.result(60)
        second.result(60)
    assert len(copies) == 1
    (copy,) = (tmp_path / "starts").iterdir()
    assert [path.name for path in copy.rglob("*.pb")] == ["saved_model.pb"]


def test_a_copy_that_was_removed_is_made_again(tmp_path: Path):
    saved_model(tmp_path / "1", "one")
    imported_model(f"{tmp_path}/1", f"{tmp_path}/starts")
    (copy,) = (tmp_path / "starts").iterdir()
    shutil.rmtree(copy)
    imported_model(f"{tmp_path}/1", f"{tmp_path}/starts")
    assert list((tmp_path / "starts").iterdir()) == [copy]
