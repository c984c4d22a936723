"""CPU seconds of TFX's StatisticsGen and of ours on the same random rows, and of the parsers that they use.

    python -m benchmarks.statistics --rows 400000

Both run in turn in one process. The start of the process is not counted.
"""

import argparse
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    """Prints a line for each side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=400_000)
    options = parser.parse_args()
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), options.rows)
    os._exit(0)  # TensorFlow's own tear-down prints tracebacks


def _measure(folder: Path, rows: int) -> None:
    import tensorflow_data_validation as tfdv
    from tfx.components.statistics_gen.executor import Executor as StockExecutor
    from tfx.types.standard_artifacts import ExampleStatistics

    from benchmarks.random_split import BEAM, read_split, write_split
    from components.validation.statistics import Executor, stats_options

    write_split(folder, rows)
    examples, schema = read_split(folder)

    def run(executor: Any, options: tfdv.StatsOptions) -> Callable[[], object]:
        def do() -> None:
            statistics = ExampleStatistics()
            statistics.uri = str(folder / executor.__module__)
            context = executor.Context(beam_pipeline_args=BEAM, tmp_dir=str(folder / "temporary"), unique_id="1")
            inputs = {"examples": [examples], "schema": [schema]}
            properties = {"stats_options_json": options.to_json(), "exclude_splits": "[]"}
            executor(context).Do(inputs, {"statistics": [statistics]}, properties)

        return do

    print(f"{rows:,} rows, CPU seconds")
    _compare("parsing", *_parsers(folder))
    _compare("StatisticsGen", run(Executor, stats_options()), run(StockExecutor, tfdv.StatsOptions()))


def _parsers(folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    import tensorflow as tf
    from tfx.utils.io_utils import SchemaReader
    from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

    from components.validation.reading import BATCH, feature_types, read_batches

    path = str(folder / "Split-train/examples-00000.tfrecord.gz")
    schema = SchemaReader().read(str(folder / "schema/schema.pbtxt"))
    decoder = ExamplesToRecordBatchDecoder(schema.SerializeToString())

    def stock() -> None:
        for batch in tf.data.TFRecordDataset(path, "GZIP").batch(BATCH):
            decoder.DecodeBatch(list(batch.numpy()))

    def ours() -> None:
        for _ in read_batches(path, feature_types(schema)):
            pass

    return ours, stock


def _compare(job_name: str, ours: Callable[[], object], stock: Callable[[], object]) -> None:
    spent = []
    for job in (ours, stock):
        started = time.process_time()
        job()
        spent.append(time.process_time() - started)
    print(f"{job_name}: ours {spent[0]:.1f}, stock {spent[1]:.1f}, {spent[1] / spent[0]:.1f} times as much", flush=True)


if __name__ == "__main__":
    main()
