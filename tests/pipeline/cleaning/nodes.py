"""Runs of small nodes, which take a second where whole ones take minutes."""

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types.standard_artifacts import ExampleStatistics, Model, ModelBlessing

from components.gates.artifacts import Passed
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run, RunNotes
from pipeline.runners import local
from pipeline.runs import find_run
from pipeline.terminal import quiet


@component
def Train(model: OutputArtifact[Model], number: Parameter[int]) -> None:  # noqa: N802
    Path(model.uri, "model").parent.mkdir(parents=True, exist_ok=True)
    Path(model.uri, "model").write_text(str(number))


@component
def Judge(model: InputArtifact[Model], blessing: OutputArtifact[ModelBlessing], good: Parameter[int]) -> None:  # noqa: N802
    Path(blessing.uri).mkdir(parents=True, exist_ok=True)
    blessing.set_int_custom_property("blessed", good)
    blessing.set_int_custom_property("current_model_id", model.id)


@component
def Count(statistics: OutputArtifact[ExampleStatistics], number: Parameter[int]) -> None:  # noqa: N802
    Path(statistics.uri).mkdir(parents=True, exist_ok=True)


@component
def Gate(statistics: InputArtifact[ExampleStatistics], passed: OutputArtifact[Passed]) -> None:  # noqa: N802
    Path(passed.uri).mkdir(parents=True, exist_ok=True)
    passed.statistics_id = statistics.id


def run(config: Config, nodes: Sequence[BaseNode]) -> Run:
    pipeline = Pipeline(
        config.name,
        f"{config.home}/artifacts",
        components=list(nodes),
        enable_cache=True,
        metadata_connection_config=sqlite_metadata_connection_config(str(config.metadata)),
        beam_pipeline_args=list(config.beam.args),
    )
    with quiet.into(config.messages / f"{len(list(config.messages.glob('*')))}.log") as log:
        run_id = local.run(pipeline, Console(file=io.StringIO()), RunNotes(log=str(log)))
    return find_run(config, run_id)


def model_nodes(number: int, *, good: bool) -> list[BaseNode]:
    """A model that is blessed if `good`, and statistics that pass if `good`."""
    train, count = Train(number=number).with_id("Trainer.joint"), Count(number=number)
    judge = Judge(model=train.outputs["model"], good=int(good)).with_id("Evaluator.joint")
    gate = [Gate(statistics=count.outputs["statistics"]).with_id("AnomalyGate")] if good else []
    return [train, judge, count, *gate]


def folders(run: Run) -> dict[str, bool]:
    """Whether the folder of each output of a run is there, by node and key."""
    return {
        f"{node.id}.{key}": Path(output.uri).exists()
        for node in run.nodes
        for key, outputs in node.outputs.items()
        for output in outputs
    }
