"""`BranchEvaluator`: TFX's Evaluator, with a comparison with the last blessed model only where it is fair."""

import json
from typing import Any

from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components.evaluator import executor as tfx_evaluator
from tfx.components.evaluator.component import Evaluator
from tfx.dsl.components.base import executor_spec
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils, proto_utils

from components.evaluation.baseline_features import refusal
from components.evaluation.config import EvaluatorConfig
from components.evaluation.eval_config import EXTRACTORS, beside, eval_config, refused
from logs.config import TiersConfig
from models.recipes import Recipe
from models.saved_signature import outputs_of
from models.signatures import EXAMPLES
from transforms.domain import Domain
from transforms.feature import Feature

FEATURES = "features"
"""The execution property with the features of the examples, as JSON."""


class Executor(tfx_evaluator.Executor):
    """Evaluates as TFX's Evaluator does, but scores the last blessed model only if the examples have all its features.

    If they do not, every condition that compares with it fails, with the reason.
    """

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Arguments as TFX's Evaluator, and the execution property `features`."""
        features = [Feature.model_validate(row) for row in json.loads(exec_properties[FEATURES])]
        baselines = input_dict.get(standard_component_specs.BASELINE_MODEL_KEY)
        if baselines:
            baseline = _serving_path(baselines)
            key = standard_component_specs.EVAL_CONFIG_KEY
            config = config_pb2.EvalConfig()
            proto_utils.json_to_proto(exec_properties[key], config)
            reason = refusal(baseline, features)
            if reason is None:
                config = beside(config, outputs_of(baseline, EXAMPLES))
            else:
                input_dict = {**input_dict, standard_component_specs.BASELINE_MODEL_KEY: []}
                config = refused(config, reason)
            exec_properties = exec_properties | {key: proto_utils.proto_to_json(config)}
        super().Do(input_dict, output_dict, exec_properties)


class BranchEvaluator(Evaluator):
    """Judges the model of a branch; inputs, outputs, and artifacts are those of TFX's Evaluator.

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
            examples=examples,
            example_splits=["test"],
            model=model,
            baseline_model=last_blessed if config.compare_with_last else None,
            eval_config=eval_config(recipe, config, domain, tiers),
            module_path=EXTRACTORS,
        )
        self.exec_properties[FEATURES] = json.dumps([feature.model_dump(mode="json") for feature in features])


def _serving_path(models: list[types.Artifact]) -> str:
    model = artifact_utils.get_single_instance(models)
    return str(path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model)))
