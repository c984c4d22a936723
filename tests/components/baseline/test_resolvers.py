"""The Resolver of one branch in TFX runs, beside another branch and another pipeline in the same metadata store."""

from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.io import fileio
from tfx.types.standard_artifacts import InfraBlessing, Model, ModelBlessing

from components.baseline.resolvers import last_blessed_model
from components.baseline.strategies import TRIAL
from components.servable.artifacts import BLESSED, MODEL_ID
from tests.components.runs import artifacts, run, states


@component
def Train(model: OutputArtifact[Model], data: Parameter[str]) -> None:  # noqa: N802
    """A model that knows what it was trained on."""
    fileio.makedirs(model.uri)
    model.set_string_custom_property("data", data)


@component
def Judge(  # noqa: N802
    model: InputArtifact[Model],
    blessing: OutputArtifact[ModelBlessing],
    blessed: Parameter[int],
    baseline: InputArtifact[Model] = None,
) -> None:
    """Blesses if `blessed` is 1, and notes which model was the baseline."""
    blessing.set_int_custom_property("blessed", blessed)
    blessing.set_int_custom_property("current_model_id", model.id)
    blessing.set_string_custom_property("was", baseline.get_string_custom_property("data") if baseline else "none")


@component
def Check(  # noqa: N802
    model: InputArtifact[Model], blessing: OutputArtifact[InfraBlessing], servable: Parameter[int]
) -> None:
    """The verdict of a gate on a model."""
    blessing.set_int_custom_property(BLESSED, servable)
    blessing.set_int_custom_property(MODEL_ID, model.id)


def test_a_model_that_no_server_could_use_is_no_baseline(tmp_path):
    for day, servable in (("monday", 1), ("tuesday", 0), ("wednesday", 1)):
        nodes = _nodes(day)
        (joint,) = (node for node in nodes if node.id == "Trainer.joint")
        run(tmp_path, [*nodes, Check(model=joint.outputs["model"], servable=servable)])
    assert _baselines(tmp_path)[::2] == ["none", "joint monday", "joint monday"]
    assert _baselines(tmp_path)[1::2] == ["none", "promotions_only monday", "promotions_only tuesday"]


def _nodes(data: str, *, blessed: bool = True, trial: bool = False) -> list[BaseNode]:
    nodes: list[BaseNode] = []
    for branch in ("joint", "promotions_only"):
        train = Train(data=f"{branch} {data}").with_id(f"Trainer.{branch}")
        last = last_blessed_model(train, f"Evaluator.{branch}", trials=trial).with_id(f"Resolver.{branch}")
        judge = Judge(model=train.outputs["model"], baseline=last.outputs["model"], blessed=int(blessed))
        if trial:
            judge.exec_properties[TRIAL] = 1
        nodes += [train, last, judge.with_id(f"Evaluator.{branch}")]
    return nodes


def test_a_model_that_may_be_pushed_is_not_compared_with_trials(tmp_path):
    run(tmp_path, _nodes("monday"))
    run(tmp_path, _nodes("tuesday", trial=True))
    run(tmp_path, _nodes("wednesday", trial=True))
    run(tmp_path, _nodes("thursday"))
    joint = _baselines(tmp_path)[::2]
    assert joint == ["none", "joint monday", "joint tuesday", "joint monday"]


def _baselines(folder: Path) -> list[str]:
    """The baseline of each Evaluator that ran, the oldest first."""
    return [one.custom_properties["was"].string_value for one in artifacts(folder, "ModelBlessing")]


def test_each_branch_is_compared_with_its_own_last_blessed_model(tmp_path):
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
