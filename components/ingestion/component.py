"""`Ingestion`: raw logs in, labelled Examples, quarantine and accounting out."""

import json
import logging
from datetime import date
from typing import Any

from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types import Artifact, artifact_utils, channel_utils, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import write_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact, Quarantine
from components.ingestion.outputs.day_splits import split_of_day
from components.ingestion.outputs.quarantine_files import write_quarantine
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.day_examples import write_day_examples
from components.ingestion.steps.ingest import IngestionSteps
from components.split.artifacts import LOGS
from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.location import read_location
from logs.opening import open_logs
from transforms.domain import Domain
from transforms.feature import Feature

_READ = {"name", "kind", "column"}
_READ_OF_SEVERAL = _READ | {"length"}
_NEUTRAL = {"group": "user", "per": "candidate"}  # a Feature must have these, and ingestion does not read them


class IngestionSpec(ComponentSpec):
    """Inputs, outputs and parameters of `Ingestion`."""

    PARAMETERS = {  # noqa: RUF012 (the base class declares them so)
        "location": ExecutionParameter(type=str),
        "config": ExecutionParameter(type=str),
        "domain": ExecutionParameter(type=str),
        "features": ExecutionParameter(type=str),
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
        logs = open_logs(folder, features, domain)
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        steps = Steps(
            self._make_beam_pipeline,
            f"{self._get_tmp_dir()}/ingestion",
            lambda step: logging.info("ingestion: %s", step),
        )
        # artifact_utils finds only the folders of splits that are named already, and the filled days are not known yet.
        outcome = IngestionSteps(logs, config, domain, features, steps).run(
            write_day_examples, lambda day: f"{examples.uri}/Split-{split_of_day(day)}"
        )
        if fingerprint(folder) != known:  # else the cache would hold labels of other logs than its key says
            raise LogError(f"{folder} changed since the run began; run again when nothing writes to it any more")
        days = outcome.accounting.days.items()
        filled = [split_of_day(date.fromisoformat(day)) for day, count in days if count.labelled_rows]
        examples.split_names = artifact_utils.encode_split_names(filled)
        examples.set_string_custom_property(LOGS, known)
        write_quarantine(outcome.quarantine, artifact_utils.get_single_uri(output_dict["quarantine"]))
        write_accounting(outcome.accounting, artifact_utils.get_single_uri(output_dict["accounting"]))


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
        code_hash: str = "",
    ) -> None:
        """Wires the component.

        Args:
            location: file of `logs.location.write_location`. Its path, which holds the fingerprint of the logs, is
                part of the cache key; the folder that it names, on any filesystem Beam reads, is not.
            config: the config section.
            domain: the sources and labels.
            features: the feature table.
            code_hash: hash of the code that makes the result; part of the cache key.
        """
        super().__init__(
            spec=IngestionSpec(
                location=location,
                config=config.model_dump_json(exclude={"max_quarantined_fraction"}),
                domain=domain.model_dump_json(),
                features=features_to_json(features),
                code_hash=code_hash,
                examples=channel_utils.as_channel([standard_artifacts.Examples()]),
                quarantine=channel_utils.as_channel([Quarantine()]),
                accounting=channel_utils.as_channel([AccountingArtifact()]),
            )
        )


def features_to_json(features: tuple[Feature, ...]) -> str:
    """The parts of the feature table that ingestion reads, as JSON: an execution parameter, part of the cache key."""
    return json.dumps(
        [feature.model_dump(include=_READ_OF_SEVERAL if feature.storage.several else _READ) for feature in features]
    )


def features_from_json(text: str) -> tuple[Feature, ...]:
    """The features of `features_to_json`, with neutral values for the parts that ingestion does not read."""
    return tuple(Feature.model_validate(_NEUTRAL | feature) for feature in json.loads(text))
