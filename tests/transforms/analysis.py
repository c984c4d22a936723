"""Runs the real analysis of tf.Transform on Beam over a labelled table, as TFX's Transform does."""

import json
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
from apache_beam.pipeline import Pipeline
from apache_beam.pvalue import PCollection
from tensorflow_transform.beam.context import Context
from tensorflow_transform.beam.impl import AnalyzeDataset, TransformDataset
from tensorflow_transform.beam.tft_beam_io.transform_fn_io import ReadTransformFn, WriteTransformFn
from tensorflow_transform.output_wrapper import TFTransformOutput
from tfx_bsl.tfxio import tf_example_record

from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.example_schema import build_schema
from transforms.examples import to_examples
from transforms.preprocessing import preprocessing_fn

BATCH = 64
"""Rows in a batch, fewer than the tests have: the statistics of several batches have to be merged."""


def analyse(labelled: pa.Table, config: FeaturesConfig, folder: Path) -> TFTransformOutput:
    """The Transform graph made from the rows."""
    with Pipeline() as pipeline, Context(temp_dir=str(folder / "temporary")):
        raw = _read(pipeline, labelled, config)
        transform_fn = raw | AnalyzeDataset(partial(preprocessing_fn, custom_config=config.for_transform()))
        _ = transform_fn | WriteTransformFn(str(folder / "graph"))
    return TFTransformOutput(str(folder / "graph"))


def transform_on_beam(
    labelled: pa.Table, config: FeaturesConfig, graph: TFTransformOutput, folder: Path
) -> dict[str, list[list[float]]]:
    """The rows transformed on Beam with a Transform graph: by block a list of rows, in any order."""
    with Pipeline() as pipeline, Context(temp_dir=str(folder / "temporary")):
        transform_fn = pipeline | ReadTransformFn(str(Path(graph.transform_savedmodel_dir).parent))
        transformed, _ = (_read(pipeline, labelled, config), transform_fn) | TransformDataset(
            output_record_batches=True
        )
        _ = transformed | beam.Map(_as_json) | beam.io.WriteToText(str(folder / "rows"))
    rows: dict[str, list[list[float]]] = {}
    for file in folder.glob("rows*"):
        for line in file.read_text().splitlines():
            for name, values in json.loads(line).items():
                rows.setdefault(name, []).extend(values)
    return rows


def _read(pipeline: Pipeline, labelled: pa.Table, config: FeaturesConfig) -> tuple[PCollection, object]:
    tfxio = tf_example_record.TFExampleBeamRecord(
        physical_format="inmem", schema=build_schema(config.table(), Domain()), telemetry_descriptors=["test"]
    )
    rows = pipeline | beam.Create(to_examples(labelled).tolist())
    return rows | tfxio.BeamSource(batch_size=BATCH), tfxio.TensorAdapterConfig()


def _as_json(batch: tuple[pa.RecordBatch, object]) -> str:
    return json.dumps(batch[0].to_pydict())
