"""The Resolver of one recipe in TFX runs, beside another recipe and another pipeline in the same metadata store."""

from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.io import fileio
from tfx.types.standard_artifacts import Model, ModelBlessing

from components.baseline.resolvers import last_blessed_model
from components.baseline.strategies import TRIAL
from tests.components.runs import artifacts, run, states


@component
def Train(model: OutputArtifact[Model], data: Parameter[str]) -> None:  # noqa: N802
    """A model that says what it was trained on."""
    fileio.makedirs(model.uri)
    model.set_string_custom_property("data", data)


@component
def Judge(  # noqa: N802
    model: InputArtifact[Model],
    blessing: OutputArtifact[ModelBlessing],
    blessed: Parameter[int],
    baseline: InputArtifact[Model] = None,
) -> None:
    """Blesses as told, and writes down which model was the baseline."""
    blessing.set_int_custom_property("blessed", blessed)
    blessing.set_int_custom_property("current_model_id", model.id)
    blessing.set_string_custom_property("was", baseline.get_string_custom_property("data") if baseline else "none")


def _nodes(data: str, *, blessed: bool = True, trial: bool = False) -> list[BaseNode]:
    nodes: list[BaseNode] = []
    for recipe in ("joint", "promotions_only"):
        train = Train(data=f"{recipe} {data}").with_id(f"Trainer.{recipe}")
        last = last_blessed_model(train, f"Evaluator.{recipe}", trials=trial).with_id(f"Resolver.{recipe}")
        judge = Judge(model=train.outputs["model"], baseline=last.outputs["model"], blessed=int(blessed))
        if trial:
            judge.exec_properties[TRIAL] = 1
        nodes += [train, last, judge.with_id(f"Evaluator.{recipe}")]
    return nodes


def test_what_is_to_be_served_is_not_compared_with_trials(tmp_path):
    run(tmp_path, _nodes("monday"))
    run(tmp_path, _nodes("tuesday", trial=True))
    run(tmp_path, _nodes("wednesday", trial=True))
    run(tmp_path, _nodes("thursday"))
    joint = _baselines(tmp_path)[::2]
    assert joint == ["none", "joint monday", "joint tuesday", "joint monday"]


def _baselines(folder: Path) -> list[str]:
    """What each Evaluator that ran was given, the oldest first."""
    return [one.custom_properties["was"].string_value for one in artifacts(folder, "ModelBlessing")]


def test_each_recipe_is_compared_with_its_own_last_blessed_model(tmp_path):
    run(tmp_path, _nodes("monday"))
    assert _baselines(tmp_path) == ["none", "none"]

    run(tmp_path, _nodes("monday"))
    assert {state for node, state in states(tmp_path).items() if not node.startswith("Resolver")} == {"cached"}

    run(tmp_path, _nodes("tuesday", blessed=False))
    assert _baselines(tmp_path)[2:] == ["joint monday", "promotions_only monday"]

    run(tmp_path, _nodes("wednesday"))
    assert _baselines(tmp_path)[4:] == ["joint monday", "promotions_only monday"], "tuesday was not blessed"

    run(tmp_path, _nodes("thursday"), name="other")
    assert _baselines(tmp_path)[6:] == ["none", "none"], "another pipeline has its own models"
