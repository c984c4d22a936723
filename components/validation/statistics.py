"""`ColumnarStatisticsGen`: TFX's StatisticsGen, but it reads whole record batches instead of rows."""

import functools
import posixpath
from typing import Any

import apache_beam as beam
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.components.statistics_gen import executor as tfx_statistics_gen
from tfx.components.statistics_gen.component import StatisticsGen
from tfx.dsl.components.base import base_beam_executor, executor_spec
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils

from components.validation.reading import feature_types, read_batches


def stats_options() -> tfdv.StatsOptions:
    """The options: most frequent values in sketches, which are bounded and faster than counting; fine quantiles.

    A sketch is exact for a feature with fewer values than the sketch has places, such as every feature with a
    vocabulary.
    """
    return tfdv.StatsOptions(use_sketch_based_topk_uniques=True, num_quantiles_histogram_buckets=50)


class Executor(base_beam_executor.BaseBeamExecutor):
    """Computes the statistics of every split; artifacts as TFX's StatisticsGen writes them."""

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Reads `examples` by `schema` and writes `statistics`, one FeatureStats.pb a split."""
        self._log_startup(input_dict, output_dict, exec_properties)
        examples = artifact_utils.get_single_instance(input_dict[standard_component_specs.EXAMPLES_KEY])
        statistics = artifact_utils.get_single_instance(output_dict[standard_component_specs.STATISTICS_KEY])
        schema = _read_schema(input_dict[standard_component_specs.SCHEMA_KEY])
        options = tfdv.StatsOptions.from_json(exec_properties[standard_component_specs.STATS_OPTIONS_JSON_KEY])
        options.schema = schema
        batches_of = functools.partial(read_batches, types=feature_types(schema))
        statistics.split_names = examples.split_names
        statistics.span = examples.span
        with self._make_beam_pipeline() as pipeline:
            for split in artifact_utils.decode_split_names(examples.split_names):
                files = sorted(fileio.glob(posixpath.join(artifact_utils.get_split_uri([examples], split), "*")))
                folder = artifact_utils.get_split_uri([statistics], split)
                _ = (
                    pipeline
                    | f"Files[{split}]" >> beam.Create(files)
                    | f"Read[{split}]" >> beam.FlatMap(batches_of)
                    | f"Statistics[{split}]" >> tfdv.GenerateStatistics(options)
                    | f"Write[{split}]"
                    >> tfdv.WriteStatisticsToBinaryFile(posixpath.join(folder, tfx_statistics_gen.DEFAULT_FILE_NAME))
                )


class ColumnarStatisticsGen(StatisticsGen):
    """Statistics of every split, for the validators and for a person to look at.

    Args:
        examples: gzipped TFRecords of tf.Examples.
        schema: names the features to read.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(self, examples: types.BaseChannel, schema: types.BaseChannel):
        super().__init__(examples=examples, schema=schema, stats_options=stats_options())


def _read_schema(artifacts: list[types.Artifact]) -> schema_pb2.Schema:
    return io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(artifact_utils.get_single_uri(artifacts)))
