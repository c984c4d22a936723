"""The pipeline, top to bottom as the data flows: from raw logs to a blessed, pushed model (the README's picture)."""

import json
from collections.abc import Sequence

from tfx.components.example_validator.component import ExampleValidator
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.components.transform.component import Transform
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import transform_pb2
from tfx.types import BaseChannel

from components.baseline.resolvers import last_passed_statistics
from components.code_hash import code_hash
from components.gates.anomaly_gate import AnomalyGate
from components.gates.quarantine_gate import QuarantineGate
from components.gates.source_gate import SourceGate
from components.ingestion.component import Ingestion
from components.split.component import TemporalSplit
from components.split.resolver import first_of_same_rows
from components.validation.comparators import missing_bounds
from components.validation.schema_file import write_schema
from components.validation.statistics import ColumnarStatisticsGen
from components.validation.validators import drift_validator, train_test_validator
from logs.fingerprint import fingerprint
from logs.location import write_location
from logs.opening import memory_of
from pipeline.branch import branch_nodes, hash_code
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.finetune.nodes import kept_nodes
from pipeline.finetune.start import Start
from pipeline.report.node import report_node
from pipeline.tuning.node import branch_tuner


def create_pipeline(
    config: Config, start: Start | None = None, tune: Sequence[Branch] = (), *, report: bool = True
) -> Pipeline:
    """The TFX pipeline of `config`, for any runner.

    Each paragraph adds one node or a few. All branches share everything up to Transform; at most one is pushed.

    Args:
        config: the whole configuration.
        start: the model to fine-tune, whose Transform is kept; None to train as the config says.
        tune: branches to search values for, instead of training and judging any.
        report: write the page of the run.

    Raises:
        LogError: a table of the logs is missing, or a file is in no day's folder or cannot be read.
        StartError: a branch starts from a folder without a model.
    """
    domain, features = config.domain, config.feature_table

    kept = f"{config.home}/kept"
    content = fingerprint(config.logs, memory_of(config.logs, kept))
    ingestion = Ingestion(
        location=write_location(config.logs, content, f"{config.home}/locations"),
        config=config.ingestion,
        domain=domain,
        features=features,
        kept=kept,
        code_hash=code_hash("components.ingestion.component"),
    )
    quarantine_gate = QuarantineGate(
        accounting=ingestion.outputs["accounting"],
        max_quarantined_fraction=config.ingestion.max_quarantined_fraction,
    )
    source_gate = SourceGate(
        accounting=ingestion.outputs["accounting"],
        sources=json.dumps(config.used_sources),
        **config.split.parameters(),
    )
    source_gate.add_upstream_node(quarantine_gate)
    split = TemporalSplit(
        days=ingestion.outputs["examples"],
        accounting=ingestion.outputs["accounting"],
        **config.split.parameters(),
    )
    split.add_upstream_node(source_gate)
    hash_code(quarantine_gate, "components.gates.quarantine_gate")
    hash_code(source_gate, "components.gates.source_gate")
    hash_code(split, "components.split.component")
    same = first_of_same_rows(split).with_id("Resolver.split")  # a setting that changes no split reruns nothing below
    examples = same.outputs["examples"]

    schema = ImportSchemaGen(schema_file=write_schema(features, domain, f"{config.home}/schema"))
    statistics = ColumnarStatisticsGen(examples=examples, schema=schema.outputs["schema"])
    hash_code(statistics, "components.validation.statistics")
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
    hash_code(anomaly_gate, "components.gates.anomaly_gate")

    if start is not None:
        tuned = kept_nodes(start)
        for node in tuned.nodes:
            node.add_upstream_node(anomaly_gate)
        last_nodes = [*tuned.nodes, *branch_nodes(config, examples, tuned.transform_graph, tuned.model, start.spec)]
    else:
        transform = _transform(config, examples, schema)
        transform.add_upstream_node(anomaly_gate)
        graph = transform.outputs["transform_graph"]
        tuners = [branch_tuner(config, branch, examples, graph) for branch in tune]
        last_nodes = [transform, *(tuners or branch_nodes(config, examples, graph))]

    if report and not tune:
        checks = {"drift": drift, "train_test": train_test, "anomalies": example_validator}
        last_nodes.append(report_node(config, last_nodes, ingestion, checks))

    return Pipeline(
        pipeline_name=config.name,
        pipeline_root=f"{config.home}/artifacts",
        components=[
            *(ingestion, quarantine_gate, source_gate, split, same),
            *(schema, statistics, last_statistics, example_validator, drift, train_test, anomaly_gate),
            *last_nodes,
        ],
        enable_cache=True,
        metadata_connection_config=sqlite_metadata_connection_config(str(config.metadata)),
        beam_pipeline_args=list(config.beam.args),
    )


def _transform(config: Config, examples: BaseChannel, schema: BaseComponent) -> Transform:
    """Transform, which analyses the training split alone."""
    transform = Transform(
        examples=examples,
        schema=schema.outputs["schema"],
        preprocessing_fn="transforms.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=["train"]),
        custom_config=config.features.for_transform(config.domain),
        materialize=False,
        force_tf_compat_v1=False,
        disable_statistics=True,  # of its output, which nothing reads
        disable_analyzer_cache=True,
    )
    hash_code(transform, "transforms.preprocessing")
    return transform
