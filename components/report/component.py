"""`Report`: the page of a run as an artifact, made from the artifacts of the other nodes."""

import json
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from absl import logging
from tfx import types
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.evaluation.artifacts import ScoresArtifact
from components.ingestion.outputs.accounting import read_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact
from components.report.artifacts import ReportArtifact
from components.report.build import report_of, results_of
from components.report.files import write_page
from components.report.inputs import CHECKS, BranchInputs, RunContext, RunInputs
from components.report.kept import write_results
from components.split.config import SplitConfig
from components.split.windows import windows

REPORT = "report"
"""The output."""

_OF_BRANCH = {
    "evaluation": standard_artifacts.ModelEvaluation,
    "scores": ScoresArtifact,
    "blessing": standard_artifacts.ModelBlessing,
    "model_run": standard_artifacts.ModelRun,
}
"""The inputs of each branch; those of the second branch are `evaluation_1`, and so on."""


class Executor(BaseExecutor):
    """Reads the results of all branches, and writes them and the page.

    The page lacks what only a finished run has: the published version, the trend over runs, and the lineage.

    The model is published by then, so an error is a warning and not the end of the run. `coldcast report` computes what
    the node did not keep.
    """

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the artifact `report`; after an error, it stays without files."""
        try:
            self._write(input_dict, output_dict, exec_properties)
        except Exception as error:
            traceback.print_exception(error)
            logging.warning(
                "The node Report wrote no page (%s). Its traceback is in the log of the libraries; "
                "`coldcast report` tries again.",
                " ".join(str(error).split()) or type(error).__name__,
            )

    def _write(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        accounting = artifact_utils.get_single_uri(input_dict["accounting"])
        split = SplitConfig.model_validate_json(exec_properties["split"])
        sources = json.loads(exec_properties["sources"])
        branches = json.loads(exec_properties["branches"])
        results = results_of(
            RunInputs(
                branches=tuple(_inputs(input_dict, place, branch) for place, branch in enumerate(branches)),
                accounting=accounting,
                anomalies=tuple(
                    (check, artifact_utils.get_single_uri(input_dict[key])) for key, check in CHECKS.items()
                ),
                windows=windows(read_accounting(accounting).days, split, sources),
            )
        )
        folder = artifact_utils.get_single_uri(output_dict[REPORT])
        write_results(results, folder)
        run = (self._context.pipeline_run_id if self._context else None) or ""
        write_page(report_of(results, RunContext(exec_properties["pipeline"], run)), folder)


class ReportSpec(ComponentSpec):
    """Inputs, outputs, and parameters of `Report`, without the inputs of the branches."""

    PARAMETERS = {  # noqa: RUF012 (the base class declares them so)
        "pipeline": ExecutionParameter(type=str),
        "branches": ExecutionParameter(type=str),
        "split": ExecutionParameter(type=str),
        "sources": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "accounting": ChannelParameter(type=AccountingArtifact),
        **{key: ChannelParameter(type=standard_artifacts.ExampleAnomalies) for key in CHECKS},
    }
    OUTPUTS = {REPORT: ChannelParameter(type=ReportArtifact)}  # noqa: RUF012


class Report(BaseComponent):
    """Writes the page of a run from its artifacts (docs/report.md).

    Args:
        pipeline: the pipeline's name.
        branches: for each branch its name, its recipe, and its seed; the others are compared with the first one.
        of_branches: for each branch its channels `evaluation`, `scores`, `blessing`, and `model_run`, in that order.
        accounting: of ingestion.
        checks: the channels with anomalies, by the keys of `CHECKS`.
        split: the section `split`.
        sources: every source of the config.
    """

    SPEC_CLASS = ReportSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self,
        pipeline: str,
        branches: Sequence[Mapping[str, str | int]],
        of_branches: Sequence[Mapping[str, types.BaseChannel]],
        accounting: types.BaseChannel,
        checks: Mapping[str, types.BaseChannel],
        split: SplitConfig,
        sources: Sequence[str],
    ):
        given = {
            f"{key}_{place}": channel for place, channels in enumerate(of_branches) for key, channel in channels.items()
        }
        kinds = {key: ChannelParameter(type=_OF_BRANCH[key.rpartition("_")[0]]) for key in given}
        spec = type("ReportSpecOfBranches", (ReportSpec,), {"INPUTS": {**ReportSpec.INPUTS, **kinds}})
        super().__init__(
            spec(
                pipeline=pipeline,
                branches=json.dumps(list(branches)),
                split=split.model_dump_json(),
                sources=json.dumps(list(sources)),
                accounting=accounting,
                report=types.Channel(type=ReportArtifact),
                **checks,
                **given,
            )
        )


def _inputs(input_dict: dict[str, list[types.Artifact]], place: int, branch: Mapping[str, Any]) -> BranchInputs:
    folders = {key: artifact_utils.get_single_uri(input_dict[f"{key}_{place}"]) for key in _OF_BRANCH}
    return BranchInputs(**branch, **folders)
