import io
import logging
from pathlib import Path

import pytest
from rich.console import Console
from tfx.components.trainer import component as component_module
from tfx.dsl.component.experimental.annotations import InputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.input_resolution.strategies.latest_artifact_strategy import LatestArtifactStrategy
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types import Channel
from tfx.types.standard_artifacts import ExampleStatistics
from tfx.utils import dependency_utils

from components.baseline import strategies
from pipeline.configuration.beam import LOCAL_RUNNER
from pipeline.runners.local import NodeView, RunError, run
from pipeline.terminal import quiet


@component
def Gate(statistics: InputArtifact[ExampleStatistics]) -> None:  # noqa: N802
    raise AssertionError("a node without its input was run")


@component
def Pusher() -> None:  # noqa: N802
    raise AssertionError("the node after the gate was run")


@component
def Packs(file: Parameter[str]) -> None:  # noqa: N802
    Path(file).write_text(dependency_utils.make_beam_dependency_flags.__name__)


@pytest.fixture
def screen_and_logger():
    screen = io.StringIO()
    logger = logging.getLogger("tests.node_view")
    logger.setLevel(logging.INFO)
    view = NodeView(Console(file=screen, width=100))
    logger.addHandler(view)
    yield screen, logger
    view.stop()
    logger.removeHandler(view)


def test_each_node_is_a_line_with_its_time_or_cached(screen_and_logger):
    screen, logger = screen_and_logger
    logger.info("Component %s is running.", "Transform")
    logger.info("Component %s is finished.", "Transform")
    logger.info("Component %s is running.", "Trainer.joint")
    logger.info("A cached execution %d is used.", 7)
    logger.info("Component %s is finished.", "Trainer.joint")
    first, second = [line for line in screen.getvalue().splitlines() if "✓" in line]
    assert first.split()[1:] == ["Transform", "0.0", "s"]
    assert second.split()[1:] == ["Trainer.joint", "cached"]


def test_warnings_of_our_components_are_shown_and_those_of_libraries_are_not(screen_and_logger):
    screen, logger = screen_and_logger
    for module in (component_module, strategies):
        path = module.__file__
        logger.handle(logger.makeRecord("absl", logging.WARNING, path, 1, "%s warns", (module.__name__,), None))
    assert screen.getvalue() == "warning: components.baseline.strategies warns\n"


def test_a_node_that_lacks_an_input_stops_the_run(tmp_path):
    """With TFX's own runner, whose wording the guard reads: it would leave out the gate and go on."""
    earlier = Resolver(strategy_class=LatestArtifactStrategy, statistics=Channel(ExampleStatistics)).with_id("Earlier")
    gate, pusher = Gate(statistics=earlier.outputs["statistics"]), Pusher()
    pusher.add_upstream_node(gate)
    metadata = sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))
    pipeline = Pipeline(
        "guarded", str(tmp_path), components=[earlier, gate, pusher], metadata_connection_config=metadata
    )
    with quiet.into(tmp_path / "log"), pytest.raises(RunError, match="Earlier lacks an input"):
        run(pipeline, Console(file=io.StringIO()))


@pytest.mark.parametrize(("runner", "makes"), [(LOCAL_RUNNER, "list"), ("FlinkRunner", "make_beam_dependency_flags")])
def test_tfx_packs_itself_for_workers_elsewhere_only(tmp_path, runner, makes):
    pipeline = Pipeline(
        "packs",
        str(tmp_path),
        components=[Packs(file=f"{tmp_path}/made")],
        metadata_connection_config=sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite")),
        beam_pipeline_args=[f"--runner={runner}"],
    )
    with quiet.into(tmp_path / "log"):
        run(pipeline, Console(file=io.StringIO()))
    assert (tmp_path / "made").read_text() == makes
    assert dependency_utils.make_beam_dependency_flags.__name__ == "make_beam_dependency_flags"


def test_registering_a_pipeline_with_tfx_runs_nothing(tmp_path, monkeypatch):
    """`tfx pipeline create` puts a function of its own in the place of the runner's `run`."""
    noted = []
    monkeypatch.setattr(LocalDagRunner, "run", lambda _self, pipeline: noted.append(pipeline))
    metadata = sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))
    pipeline = Pipeline("noted", str(tmp_path), components=[Pusher()], metadata_connection_config=metadata)
    run(pipeline, Console(file=io.StringIO()))
    assert noted == [pipeline]
    assert list(tmp_path.iterdir()) == []
