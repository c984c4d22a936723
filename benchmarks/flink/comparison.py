"""Two runs of one config on the same logs, compared by content: all that Beam computed before training."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_metadata.proto.v0 import statistics_pb2
from tensorflow_transform.output_wrapper import TFTransformOutput

from benchmarks.flink.diff import LAST_DIGITS, Diff
from benchmarks.flink.statistics import diff_statistics
from components.ingestion.outputs.accounting import ACCOUNTING, DETAIL
from files.storage import read_json
from pipeline.metadata.records import Run
from transforms.example_schema import raw_feature_spec
from transforms.learned import read_quantiles, read_table, read_vocabularies

_BATCH = 4096
_LAST_DIGITS = 2.0**-22
"""Two units in the last place of a float32."""


def compare(first: Run, second: Run) -> Iterator[Diff]:
    """Compares ingestion, statistics, and Transform of two runs."""
    runs = first, second
    yield diff_accounting(*(_only(run, "Ingestion", "accounting") for run in runs))
    yield diff_quarantine(*(_only(run, "Ingestion", "quarantine") for run in runs))
    yield diff_examples(*(_only(run, "Ingestion", "examples") for run in runs))
    yield from diff_statistics(*(_features(_only(run, "ColumnarStatisticsGen", "statistics")) for run in runs))
    graphs = [TFTransformOutput(_only(run, "Transform", "transform_graph")) for run in runs]
    yield from _learned(*(graph.transform_savedmodel_dir for graph in graphs))
    rows = [
        transformed(graph, Path(_only(run, "TemporalSplit", "examples")))
        for graph, run in zip(graphs, runs, strict=True)
    ]
    for name in rows[0] | rows[1]:
        numbers = np.issubdtype(rows[0][name].dtype, np.floating)
        diff = Diff(f"transformed {name}", allowed=LAST_DIGITS if numbers else "")
        diff.add_arrays(rows[0][name], rows[1][name], tolerance=_LAST_DIGITS if numbers else 0.0)
        yield diff


def diff_accounting(first: str, second: str) -> Diff:
    """Compares accounting.json and detail.json of two folders."""
    diff = Diff("row accounting", "count")
    for name in (ACCOUNTING, DETAIL):
        diff.add_all(*({name: read_json(f"{folder}/{name}")} for folder in (first, second)))
    return diff


def diff_quarantine(first: str, second: str) -> Diff:
    """Compares the tables of quarantined rows in two folders."""
    diff = Diff("quarantine", "table")
    sides = [
        {path.name: pq.read_table(path).to_pylist() for path in Path(folder).iterdir()} for folder in (first, second)
    ]
    for name in sides[0] | sides[1]:
        diff.add(name, *(side.get(name) for side in sides))
    return diff


def diff_examples(first: str, second: str) -> Diff:
    """Compares the labelled rows of two artifacts, split by split, in their order.

    Each process writes the features of a tf.Example in an order of its own, so the bytes are not compared.
    """
    diff = Diff("labelled rows", "row")
    sides = [_examples(Path(folder)) for folder in (first, second)]
    for name in sides[0] | sides[1]:
        diff.add(name, *(side.get(name) for side in sides))
    return diff


def _examples(folder: Path) -> dict[str, bytes]:
    return {
        f"{split.name}/{row}": tf.train.Example.FromString(record).SerializeToString(deterministic=True)
        for split in sorted(folder.glob("Split-*"))
        for row, record in enumerate(_records(split).as_numpy_iterator())
    }


def _records(split: Path) -> tf.data.TFRecordDataset:
    return tf.data.TFRecordDataset(sorted(map(str, split.iterdir())), compression_type="GZIP")


def _features(folder: str) -> dict[str, statistics_pb2.FeatureNameStatistics]:
    """The statistics of each feature of each split."""
    features: dict[str, statistics_pb2.FeatureNameStatistics] = {}
    for split in sorted(Path(folder).glob("Split-*")):
        statistics = statistics_pb2.DatasetFeatureStatisticsList()
        statistics.ParseFromString((split / "FeatureStats.pb").read_bytes())
        (dataset,) = statistics.datasets
        features |= {f"{split.name}/{'/'.join(feature.path.step)}": feature for feature in dataset.features}
    return features


def _learned(first: str, second: str) -> Iterator[Diff]:
    """Compares the vocabularies, moments, and quantiles that two Transforms learned."""
    vocabularies = Diff("vocabularies")
    vocabularies.add_all(read_vocabularies(first), read_vocabularies(second))
    moments = Diff("means and scales", allowed=LAST_DIGITS)
    moments.add_all(_constants(first), _constants(second), tolerance=_LAST_DIGITS)
    quantiles = Diff("quantiles of Transform", allowed=LAST_DIGITS)
    quantiles.add_all(read_quantiles(first), read_quantiles(second), tolerance=_LAST_DIGITS)
    yield from (vocabularies, moments, quantiles)


def _constants(savedmodel: str) -> dict[str, Any]:
    """The arrays of float32 in a Transform graph, by the constant's name: means and scales."""
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(Path(savedmodel, "saved_model.pb").read_bytes())
    constants = [node for node in model.meta_graphs[0].graph_def.node if node.op == "Const"]
    arrays = {node.name: tf.make_ndarray(node.attr["value"].tensor) for node in constants}
    return {name: array.tolist() for name, array in arrays.items() if array.dtype == np.float32 and array.ndim}


def transformed(graph: TFTransformOutput, examples: Path) -> dict[str, np.ndarray]:
    """All rows of all splits through a Transform graph: `[rows, columns]` for each block."""
    spec = raw_feature_spec(read_table(graph.transform_savedmodel_dir))
    layer = graph.transform_features_layer()
    batches = [
        {name: block.numpy() for name, block in layer(tf.io.parse_example(batch, spec)).items()}
        for split in sorted(examples.glob("Split-*"))
        for batch in _records(split).batch(_BATCH)
    ]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in sorted(batches[0])}


def _only(run: Run, node: str, key: str) -> str:
    (uri,) = run.outputs(node, key)
    return uri
