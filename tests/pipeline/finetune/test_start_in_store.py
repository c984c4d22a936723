"""Which model fine-tuning starts from, in a metadata store of several runs."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.io import fileio
from tfx.types.standard_artifacts import Examples, Model, ModelBlessing, PushedModel, TransformGraph

from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.finetune.start import find_start
from pipeline.runs import list_runs
from tests.components.runs import run

BRANCHES = [{"recipe": "joint", "pushed": True}, {"recipe": "ads_stream_anc"}]


@component
def Data(examples: OutputArtifact[Examples], graph: OutputArtifact[TransformGraph]) -> None:  # noqa: N802
    for artifact in (examples, graph):
        fileio.makedirs(artifact.uri)


@component
def Train(  # noqa: N802
    examples: InputArtifact[Examples],
    transform_graph: InputArtifact[TransformGraph],
    model: OutputArtifact[Model],
    custom_config: Parameter[str],
) -> None:
    fileio.makedirs(model.uri)


@component
def Judge(model: InputArtifact[Model], blessing: OutputArtifact[ModelBlessing], blessed: Parameter[int]) -> None:  # noqa: N802
    blessing.set_int_custom_property("blessed", blessed)


@component
def AtomicPusher(  # noqa: N802
    model: InputArtifact[Model], pushed_model: OutputArtifact[PushedModel], folder: Parameter[str]
) -> None:
    fileio.makedirs(folder)
    pushed_model.set_string_custom_property("pushed_destination", folder)


def config_of(folder: Path) -> Config:
    return Config.model_validate({"name": "mini", "root": str(folder), "branches": BRANCHES})


def a_run(config: Config, day: str, *, blessed: Sequence[str], pushed: str) -> None:
    """A run of both branches; a later day trains anew."""
    data = Data()
    nodes: list[BaseNode] = [data]
    for branch in config.branches_to_run:
        spec = branch.spec(config.domain, config.features).model_copy(update={"seed": int(day)})
        train = Train(
            examples=data.outputs["examples"],
            transform_graph=data.outputs["graph"],
            custom_config=json.dumps({"spec": spec.model_dump(mode="json")}),
        ).with_id(f"Trainer.{branch.name}")
        judge = Judge(model=train.outputs["model"], blessed=int(branch.name in blessed))
        nodes += [train, judge.with_id(f"Evaluator.{branch.name}")]
        if branch.name == pushed:
            nodes.append(AtomicPusher(model=train.outputs["model"], folder=f"{config.models}/{day}"))
    run(Path(config.home), nodes)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Three runs; the branch that is pushed now was blessed in the first, and another one was pushed in the second."""
    config = config_of(tmp_path_factory.mktemp("runs"))
    a_run(config, "1", blessed=["joint", "ads_stream_anc"], pushed="joint")
    a_run(config, "2", blessed=["joint", "ads_stream_anc"], pushed="ads_stream_anc")
    a_run(config, "3", blessed=["ads_stream_anc"], pushed="joint")
    return config


def test_the_newest_run_is_the_newest_that_blessed_the_branch(config: Config) -> None:
    ids = [each.id for each in list_runs(config)]
    start = find_start(config)
    assert (start.run, start.branch, start.spec.seed) == (ids[1], "joint", 2)
    assert find_start(config, branch="joint").run == ids[1]
    assert find_start(config, branch="ads_stream_anc").run == ids[2]
    with pytest.raises(RunsError, match="no run of mini has a blessed model of other to start from"):
        find_start(config, branch="other")


def test_a_published_folder_is_the_branch_that_its_run_pushed(config: Config) -> None:
    assert find_start(config, f"{config.models}/1").branch == "joint"
    start = find_start(config, f"{config.models}/2")
    assert (start.branch, start.spec.seed) == ("ads_stream_anc", 2)
    assert start.spec.recipe.heads == ("ad_stream", "click", "like", "follow")


def test_the_folder_of_a_trainer_s_model_is_its_branch(config: Config) -> None:
    folder = list_runs(config)[0].outputs("Trainer.ads_stream_anc", "model")[0]
    start = find_start(config, folder)
    assert (start.branch, start.spec.seed, start.model) == ("ads_stream_anc", 1, folder)
    assert Path(start.examples).is_dir()
    assert Path(start.transform_graph).is_dir()
