"""`Ingestion`: raw logs in, labelled Examples, quarantine and accounting out."""

import logging
from typing import Any

from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types import Artifact, artifact_utils, channel_utils, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.code_hash import code_hash
from components.ingestion.config import IngestionConfig
from components.ingestion.feature_list import features_from_json, features_to_json
from components.ingestion.outputs.accounting import write_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact, Quarantine
from components.ingestion.outputs.day_splits import split_of_day
from components.ingestion.outputs.ids import ids_file, kept_ids
from components.ingestion.outputs.manifest import write_manifest
from components.ingestion.outputs.quarantine_files import write_quarantine
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.day_examples import EXAMPLES
from components.ingestion.steps.ingest import IngestionSteps
from components.split.artifacts import LOGS
from files.kept import Kept
from files.links import link_or_copy
from logs.errors import changed
from logs.fingerprint import fingerprint
from logs.location import read_location
from logs.opening import memory_of, open_logs
from transforms.domain import Domain
from transforms.feature import Feature

EXAMPLES_FILE = "examples-00000.tfrecord.gz"
"""The file of a split of the Examples."""


class IngestionSpec(ComponentSpec):
    """Inputs, outputs and parameters of `Ingestion`."""

    PARAMETERS = {  # noqa: RUF012 (the base class declares them so)
        "location": ExecutionParameter(type=str),
        "config": ExecutionParameter(type=str),
        "domain": ExecutionParameter(type=str),
        "features": ExecutionParameter(type=str),
        "kept": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }
    INPUTS: dict[str, ChannelParameter] = {}  # noqa: RUF012
    OUTPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "quarantine": ChannelParameter(type=Quarantine),
        "accounting": ChannelParameter(type=AccountingArtifact),
    }


class IngestionExecutor(BaseBeamExecutor):
    """Runs the steps of ingestion with the pipeline's Beam arguments."""

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[Artifact]],  # noqa: ARG002
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the artifacts; a split `day-YYYY-MM-DD` for each day that has labelled impressions.

        Raises:
            LogError: the logs break the contract, or changed since the run began; nothing is published.
            OutputError: the files between the steps cannot be written.
        """
        features = features_from_json(exec_properties["features"])
        config = IngestionConfig.model_validate_json(exec_properties["config"])
        domain = Domain.model_validate_json(exec_properties["domain"])
        folder, known = read_location(exec_properties["location"])
        scratch = f"{self._get_tmp_dir()}/ingestion"
        kept = Kept(exec_properties["kept"] or f"{scratch}/kept")
        memory = memory_of(folder, kept.folder)
        logs = open_logs(folder, features, domain, memory, code_hash("logs.footers"))
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        steps = Steps(
            self._make_beam_pipeline,
            scratch,
            lambda step: logging.info("ingestion: %s", step),
        )
        result = IngestionSteps(logs, config, domain, features, steps, kept).run(EXAMPLES)
        if fingerprint(folder, memory) != known:  # else the cache would hold labels of other logs than its key says
            raise changed(folder)
        examples.split_names = artifact_utils.encode_split_names([split_of_day(day) for day in result.days])
        for day, path in result.days.items():
            link_or_copy(path, f"{artifact_utils.get_split_uri([examples], split_of_day(day))}/{EXAMPLES_FILE}")
            link_or_copy(kept_ids(path), f"{examples.uri}/{ids_file(str(day))}")
        examples.set_string_custom_property(LOGS, known)
        write_quarantine(result.quarantine, artifact_utils.get_single_uri(output_dict["quarantine"]))
        accounting = artifact_utils.get_single_uri(output_dict["accounting"])
        write_manifest(kept.used, accounting)
        write_accounting(result.accounting, accounting)


class Ingestion(BaseBeamComponent):
    """Labels the impressions of raw logs and computes their features (docs/data.md).

    Outputs:
        examples: standard Examples with a split a day.
        quarantine: rows that could not be used.
        accounting: where every row went; a gate reads it and judges whether the quarantine is too large.
    """

    SPEC_CLASS = IngestionSpec
    EXECUTOR_SPEC = BeamExecutorSpec(IngestionExecutor)

    def __init__(
        self,
        location: str,
        config: IngestionConfig,
        domain: Domain,
        features: tuple[Feature, ...],
        kept: str = "",
        code_hash: str = "",
    ) -> None:
        """Wires the component.

        Args:
            location: file of `logs.location.write_location`. Its path, which holds the fingerprint of the logs, is
                part of the cache key; the folder that it names, on any filesystem Beam reads, is not.
            config: the config section.
            domain: the sources and labels.
            features: the feature table.
            kept: folder of this machine that keeps results for later runs (docs/data.md#one-more-day); "" keeps none.
            code_hash: hash of the code that makes the result; part of the cache key.
        """
        super().__init__(
            spec=IngestionSpec(
                location=location,
                config=config.for_days(features, domain),
                domain=domain.model_dump_json(),
                features=features_to_json(features),
                kept=kept,
                code_hash=code_hash,
                examples=channel_utils.as_channel([standard_artifacts.Examples()]),
                quarantine=channel_utils.as_channel([Quarantine()]),
                accounting=channel_utils.as_channel([AccountingArtifact()]),
            )
        )
