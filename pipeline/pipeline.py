"""The pipeline, top to bottom as the data flows: from raw logs to a blessed, pushed model (the README's picture)."""

import uuid
from collections.abc import Iterable

from tfx import types
from tfx.components.evaluator.component import Evaluator
from tfx.components.example_validator.component import ExampleValidator
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.components.trainer.component import Trainer
from tfx.components.transform.component import Transform
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import trainer_pb2, transform_pb2

from components.baseline.resolvers import last_blessed_model, last_passed_statistics
from components.baseline.strategies import TRIAL
from components.code_hash import code_hash
from components.evaluation.eval_config import EXTRACTORS, METRICS, eval_config
from components.gates.anomaly_gate import AnomalyGate
from components.gates.quarantine_gate import QuarantineGate
from components.ingestion.component import Ingestion
from components.pusher.component import AtomicPusher
from components.split.component import TemporalSplit
from components.validation.comparators import missing_bounds
from components.validation.schema_file import write_schema
from components.validation.statistics import ColumnarStatisticsGen
from components.validation.validators import drift_validator, train_test_validator
from logs.fingerprint import fingerprint
from logs.location import write_location
from models.recipes import Recipe
from models.spec import TrainingSpec
from pipeline.configuration.config import Config


def create_pipeline(config: Config) -> Pipeline:
    """The TFX pipeline of `config`, for any runner.

    One paragraph a stage. The recipes share everything up to Transform; the branch of `config.recipe` alone is pushed.

    Raises:
        LogError: a table of the logs is missing, or a file lies in no day's folder or cannot be read.
    """
    features = config.features.table()

    ingestion = Ingestion(
        location=write_location(config.logs, fingerprint(config.logs), f"{config.home}/locations"),
        config=config.ingestion,
        features=features,
        code_hash=code_hash("components.ingestion.component"),
    )
    quarantine_gate = QuarantineGate(
        accounting=ingestion.outputs["accounting"],
        max_quarantined_fraction=config.ingestion.max_quarantined_fraction,
    )
    split = TemporalSplit(
        days=ingestion.outputs["examples"],
        accounting=ingestion.outputs["accounting"],
        **config.split.model_dump(),
    )
    split.add_upstream_node(quarantine_gate)
    _hash_code(quarantine_gate, "components.gates.quarantine_gate")
    _hash_code(split, "components.split.component")

    schema = ImportSchemaGen(schema_file=write_schema(features, f"{config.home}/schema"))
    statistics = ColumnarStatisticsGen(examples=split.outputs["examples"], schema=schema.outputs["schema"])
    _hash_code(statistics, "components.validation.statistics")
    last_statistics = last_passed_statistics(statistics).with_id("Resolver.statistics")
    example_validator = ExampleValidator(statistics=statistics.outputs["statistics"], schema=schema.outputs["schema"])
    drift = drift_validator(
        statistics.outputs["statistics"], last_statistics.outputs["statistics"], features, config.validation
    ).with_id("DistributionValidator.drift")
    train_test = train_test_validator(statistics.outputs["statistics"], features, config.validation).with_id(
        "DistributionValidator.train_test"
    )
    anomaly_gate = AnomalyGate(
        statistics=statistics.outputs["statistics"],
        anomalies=example_validator.outputs["anomalies"],
        drift=drift.outputs["anomalies"],
        train_test=train_test.outputs["anomalies"],
        missing=missing_bounds(features, config.validation),
        last_statistics=last_statistics.outputs["statistics"],
    )
    _hash_code(anomaly_gate, "components.gates.anomaly_gate")

    transform = Transform(
        examples=split.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn="transforms.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=["train"]),
        custom_config=config.features.for_transform(),
        materialize=False,
        force_tf_compat_v1=False,
        disable_statistics=True,  # of its output, which nobody reads
        disable_analyzer_cache=True,
    )
    _hash_code(transform, "transforms.preprocessing")
    transform.add_upstream_node(anomaly_gate)

    branches = [
        _branch(config, name, recipe, split.outputs["examples"], transform)
        for name, recipe in config.all_recipes.items()
    ]
    return Pipeline(
        pipeline_name=config.name,
        pipeline_root=f"{config.home}/artifacts",
        components=[
            *(ingestion, quarantine_gate, split),
            *(schema, statistics, last_statistics, example_validator, drift, train_test, anomaly_gate),
            transform,
            *(node for branch in branches for node in branch),
        ],
        enable_cache=True,
        metadata_connection_config=sqlite_metadata_connection_config(str(config.metadata)),
        beam_pipeline_args=list(config.beam.args),
    )


def _branch(
    config: Config, name: str, recipe: Recipe, examples: types.BaseChannel, transform: Transform
) -> Iterable[BaseNode]:
    """What is done for one recipe: train, judge beside its own last blessed model, and push if it is the one served."""
    # Weights of heads that the recipe has, in one order: others change nothing and must not change the cache key.
    weights = {head: config.trainer.loss_weights.get(head, 1.0) for head in recipe.heads}
    spec = TrainingSpec(
        recipe_name=name,
        recipe=recipe,
        seed=config.seed,
        features=config.features,
        model=config.model,
        trainer=config.trainer.model_copy(update={"loss_weights": weights}),
    )
    trainer = Trainer(
        run_fn="models.training.trainer.run_fn",
        examples=examples,
        transform_graph=transform.outputs["transform_graph"],
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["validation"]),
        custom_config={"spec": spec.model_dump(mode="json")},
    ).with_id(f"Trainer.{name}")
    _hash_code(trainer, "models.training.trainer")

    trial = not config.pusher.enabled
    baseline = last_blessed_model(trainer, f"Evaluator.{name}", trials=trial).with_id(f"Resolver.{name}")
    evaluator = Evaluator(
        examples=examples,
        example_splits=["test"],
        model=trainer.outputs["model"],
        baseline_model=baseline.outputs["model"],
        eval_config=eval_config(recipe, config.evaluator),
        module_path=EXTRACTORS,
    ).with_id(f"Evaluator.{name}")
    _hash_code(evaluator, EXTRACTORS, METRICS)
    if trial:
        evaluator.exec_properties[TRIAL] = 1
    if trial or name != config.recipe:
        return trainer, baseline, evaluator

    pusher = AtomicPusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        directory=config.models,
    )
    # Never cached: whether the model is published is known from its folder alone, and publishing twice does nothing.
    pusher.exec_properties["asked"] = uuid.uuid4().hex
    return trainer, baseline, evaluator, pusher


def _hash_code(component: BaseComponent, *names: str) -> None:
    """Makes the code that the modules `names` run part of the cache key; TFX's own has its import path at most."""
    component.exec_properties["code_hash"] = code_hash(*names)
