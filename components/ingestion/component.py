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

from components.ingestion.accounting import write_accounting
from components.ingestion.artifacts import Accounting, Quarantine
from components.ingestion.beam_map import Stages
from components.ingestion.check import open_logs
from components.ingestion.config import IngestionConfig
from components.ingestion.day_examples import write_day_examples
from components.ingestion.day_splits import split_of_day
from components.ingestion.quarantine_files import write_quarantine
from components.ingestion.stages import Ingestion as IngestionRun
from transforms.features import Feature


class IngestionSpec(ComponentSpec):
    """Inputs, outputs and parameters of `Ingestion`."""

    PARAMETERS = {  # noqa: RUF012 (the base class declares them so)
        "logs": ExecutionParameter(type=str),
        "config": ExecutionParameter(type=str),
        "features": ExecutionParameter(type=str),
        "fingerprint": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }
    INPUTS: dict[str, ChannelParameter] = {}  # noqa: RUF012
    OUTPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "quarantine": ChannelParameter(type=Quarantine),
        "accounting": ChannelParameter(type=Accounting),
    }


class IngestionExecutor(BaseBeamExecutor):
    """Runs the stages of ingestion with the pipeline's Beam arguments."""

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[Artifact]],  # noqa: ARG002
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the artifacts; a split `day-YYYY-MM-DD` for each day that has labelled impressions.

        Raises:
            LogError: the logs break the contract; nothing is written.
        """
        features = features_from_json(exec_properties["features"])
        config = IngestionConfig.model_validate_json(exec_properties["config"])
        logs = open_logs(exec_properties["logs"], features)
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        stages = Stages(
            self._make_beam_pipeline,
            f"{self._get_tmp_dir()}/ingestion",
            lambda stage: logging.info("ingestion: %s", stage),
        )
        # artifact_utils finds the folder only of splits that are named already; which days are filled is not known yet.
        outcome = IngestionRun(logs, config, features, stages).run(
            write_day_examples, lambda day: f"{examples.uri}/Split-{split_of_day(day)}"
        )
        days = outcome.accounting.days.items()
        filled = [split_of_day(date.fromisoformat(day)) for day, count in days if count.labelled_rows]
        examples.split_names = artifact_utils.encode_split_names(filled)
        write_quarantine(outcome.quarantine, artifact_utils.get_single_uri(output_dict["quarantine"]))
        write_accounting(outcome.accounting, artifact_utils.get_single_uri(output_dict["accounting"]))


class Ingestion(BaseBeamComponent):
    """Labels the impressions of raw logs and computes their features (SPEC 4.1).

    Outputs:
        examples: standard Examples with a split a day.
        quarantine: rows that could not be used.
        accounting: where every row went; too large a quarantine is judged by the gate that reads it.
    """

    SPEC_CLASS = IngestionSpec
    EXECUTOR_SPEC = BeamExecutorSpec(IngestionExecutor)

    def __init__(
        self,
        logs: str,
        config: IngestionConfig,
        features: tuple[Feature, ...],
        fingerprint: str,
        code_hash: str = "",
    ) -> None:
        """Wires the component.

        Args:
            logs: folder of the raw logs, on any filesystem Beam reads.
            config: the config section.
            features: the feature table.
            fingerprint: `components.ingestion.fingerprint.fingerprint(logs)`: part of the cache key.
            code_hash: hash of the code that makes the result: part of the cache key.
        """
        super().__init__(
            spec=IngestionSpec(
                logs=logs,
                config=config.model_dump_json(exclude={"max_quarantined_fraction"}),
                features=features_to_json(features),
                fingerprint=fingerprint,
                code_hash=code_hash,
                examples=channel_utils.as_channel([standard_artifacts.Examples()]),
                quarantine=channel_utils.as_channel([Quarantine()]),
                accounting=channel_utils.as_channel([Accounting()]),
            )
        )


def features_to_json(features: tuple[Feature, ...]) -> str:
    """The feature table as JSON: an execution parameter."""
    return json.dumps([feature.model_dump(mode="json") for feature in features])


def features_from_json(text: str) -> tuple[Feature, ...]:
    """The inverse of `features_to_json`."""
    return tuple(Feature.model_validate(feature) for feature in json.loads(text))
