"""`BranchEvaluator`: TFX's Evaluator, with a comparison with the last blessed model only where it is fair."""

import json
import tempfile
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components.evaluator import constants
from tfx.components.evaluator import executor as tfx_evaluator
from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter
from tfx.utils import io_utils, json_utils, path_utils, proto_utils

from components.evaluation.artifacts import ScoresArtifact
from components.evaluation.baseline_features import refusal
from components.evaluation.config import EvaluatorConfig
from components.evaluation.eval_config import EXTRACTORS, about, beside, eval_config, keeping, refused
from components.evaluation.keep import Keep
from components.evaluation.kept import judge_kept
from components.evaluation.read_schema import read_schema
from components.evaluation.slices import COLUMNS
from components.ingestion.outputs.ids import TRAINED_IDS
from logs.config import TiersConfig
from models.recipes import Recipe
from models.saved_signature import outputs_of
from models.signatures import EXAMPLES
from transforms.domain import Domain
from transforms.feature import Feature

FEATURES = "features"
"""The execution property with the features of the examples, as JSON."""

SCORES = "scores"
"""The output with the scores of each row."""


class Executor(tfx_evaluator.Executor):
    """Evaluates as TFX's Evaluator does, and keeps each row's scores.

    It scores the last blessed model only if the examples have all its features. If they do not, every condition that
    compares with that model fails, with the reason. The comparison itself needs the scores of all rows, so it comes
    last, and takes back a blessing if it fails.
    """

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Arguments as TFX's Evaluator, and the execution property `features`."""
        features = [Feature.model_validate(row) for row in json.loads(exec_properties[FEATURES])]
        key = standard_component_specs.EVAL_CONFIG_KEY
        config = config_pb2.EvalConfig()
        proto_utils.json_to_proto(exec_properties[key], config)
        outputs: frozenset[str] = frozenset()  # of the last blessed model
        if baselines := input_dict.get(standard_component_specs.BASELINE_MODEL_KEY):
            baseline = _serving_path(baselines)
            reason = refusal(baseline, features)
            if reason is None:
                outputs = frozenset(outputs_of(baseline, EXAMPLES))
                config = beside(config, outputs)
            else:
                input_dict = {**input_dict, standard_component_specs.BASELINE_MODEL_KEY: []}
                config = refused(config, reason)
        config = keeping(config, _keep(config, input_dict, output_dict, features, outputs))
        with tempfile.TemporaryDirectory() as folder:
            if exec_properties[standard_component_specs.MODULE_PATH_KEY] == EXTRACTORS:  # TFMA's own read all features
                schema = standard_artifacts.Schema()
                schema.uri = folder
                io_utils.write_pbtxt_file(f"{folder}/schema.pbtxt", read_schema(config, features))
                input_dict = {**input_dict, standard_component_specs.SCHEMA_KEY: [schema]}
            super().Do(input_dict, output_dict, exec_properties | {key: proto_utils.proto_to_json(config)})
        blessing = artifact_utils.get_single_instance(output_dict[standard_component_specs.BLESSING_KEY])
        evaluation = artifact_utils.get_single_uri(output_dict[standard_component_specs.EVALUATION_KEY])
        if outputs and not judge_kept(evaluation, artifact_utils.get_single_uri(output_dict[SCORES])):
            _refuse(blessing)


class BranchEvaluatorSpec(standard_component_specs.EvaluatorSpec):
    """Inputs, outputs, and parameters of `BranchEvaluator`."""

    OUTPUTS = {  # noqa: RUF012 (the base class declares them so)
        **standard_component_specs.EvaluatorSpec.OUTPUTS,
        SCORES: ChannelParameter(type=ScoresArtifact),
    }


class BranchEvaluator(BaseBeamComponent):
    """Judges the model of a branch; inputs and outputs are those of TFX's Evaluator, and the scores of each row.

    Args:
        examples: the splits of labelled impressions; `test` is read.
        model: the trained model.
        last_blessed: the last blessed model of the branch, empty on a first run; not read without
            `config.compare_with_last`.
        recipe: the branch's recipe.
        config: the section `evaluator`.
        domain: sources and labels of the run.
        tiers: the section `tiers`.
        features: every feature of the examples (`FeaturesConfig.table`).
    """

    SPEC_CLASS = BranchEvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        model: types.BaseChannel,
        last_blessed: types.BaseChannel,
        recipe: Recipe,
        config: EvaluatorConfig,
        domain: Domain,
        tiers: TiersConfig,
        features: tuple[Feature, ...],
    ):
        super().__init__(
            BranchEvaluatorSpec(
                examples=examples,
                example_splits=json_utils.dumps(["test"]),
                model=model,
                baseline_model=last_blessed if config.compare_with_last else None,
                eval_config=eval_config(recipe, config, domain, tiers),
                module_path=EXTRACTORS,
                evaluation=types.Channel(type=standard_artifacts.ModelEvaluation),
                blessing=types.Channel(type=standard_artifacts.ModelBlessing),
                scores=types.Channel(type=ScoresArtifact),
            )
        )
        self.exec_properties[FEATURES] = json.dumps([feature.model_dump(mode="json") for feature in features])


def _refuse(blessing: types.Artifact) -> None:
    """Takes a blessing back."""
    blessed = f"{blessing.uri}/{constants.BLESSED_FILE_NAME}"
    if fileio.exists(blessed):
        fileio.remove(blessed)
    io_utils.write_string_file(f"{blessing.uri}/{constants.NOT_BLESSED_FILE_NAME}", "")
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, constants.NOT_BLESSED_VALUE)


def _serving_path(models: list[types.Artifact]) -> str:
    model = artifact_utils.get_single_instance(models)
    return str(path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model)))


def _keep(
    config: config_pb2.EvalConfig,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    features: Iterable[Feature],
    baseline_outputs: frozenset[str],
) -> Keep:
    """Where to keep the scores, and which columns they have; `baseline_outputs` are the last blessed model's."""
    texts = {feature.name for feature in features if feature.storage.arrow == pa.string()}
    examples = artifact_utils.get_single_uri(input_dict[standard_component_specs.EXAMPLES_KEY])
    return Keep(
        folder=artifact_utils.get_single_uri(output_dict[SCORES]),
        trained_ids=f"{examples}/{TRAINED_IDS}",
        sliced=tuple(column for column in COLUMNS if column in texts),
        baseline_heads=tuple(head.name for head in about(config).heads if head.name in baseline_outputs),
        baseline_output=next(iter(baseline_outputs)) if len(baseline_outputs) == 1 else "",
    )
