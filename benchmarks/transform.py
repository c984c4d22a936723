"""Seconds that TFX's Transform takes for random rows: our preprocessing function and tf.Transform's own analyzers.

    python -m benchmarks.transform --rows 2000 --rows 50000

Each run is its own process; the times leave out import and start. Two numbers of rows give the fixed cost and the cost
per row.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FUNCTIONS = {
    "ours": "transforms.preprocessing.preprocessing_fn",
    "stock, fused": "benchmarks.stock_preprocessing.fused",
    "stock, one by one": "benchmarks.stock_preprocessing.one_by_one",
}


def main() -> None:
    """Prints a line for each function and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append", required=True)
    parser.add_argument("--function", choices=FUNCTIONS, action="append")
    arguments = parser.parse_args()
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    print(f"{'function':20} {'rows':>8} {'wall s':>8} {'CPU s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for rows in arguments.rows:
            data = Path(folder) / f"rows-{rows}"
            _python("write", str(data), str(rows))
            for name in arguments.function or FUNCTIONS:
                wall, cpu = _python("run", str(data), FUNCTIONS[name]).split()[-2:]
                print(f"{name:20} {rows:8} {float(wall):8.1f} {float(cpu):8.1f}", flush=True)


def _python(*step: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", f"from benchmarks.transform import step; step(*{step!r})"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def step(kind: str, folder: str, argument: str) -> None:
    """The work of one process: `write` a train split of some rows, or `run` Transform over it and print its seconds."""
    data = Path(folder)
    if kind == "write":
        from benchmarks.random_split import write_split

        write_split(data, int(argument))
    else:
        print(*_transform(data, argument), flush=True)
    os._exit(0)  # the shutdown of TensorFlow prints tracebacks


def _transform(data: Path, function: str) -> tuple[float, float]:
    from tfx.components import Transform
    from tfx.components.transform.executor import Executor
    from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
    from tfx.proto import transform_pb2
    from tfx.types import channel_utils

    from benchmarks.random_split import BEAM, read_split
    from transforms.config import FeaturesConfig

    examples, schema = read_split(data)
    transform = Transform(
        examples=channel_utils.as_channel([examples]),
        schema=channel_utils.as_channel([schema]),
        preprocessing_fn=function,
        custom_config=FeaturesConfig().for_transform(),
        splits_config=transform_pb2.SplitsConfig(analyze=["train"], transform=["train"]),
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        outputs = {}
        for key, channel in transform.outputs.items():
            outputs[key] = [channel.type()]
            outputs[key][0].uri = f"{folder}/{key}"
        context = BaseBeamExecutor.Context(beam_pipeline_args=BEAM, tmp_dir=f"{folder}/temporary", unique_id="1")
        wall, cpu = time.perf_counter(), time.process_time()
        Executor(context).Do({"examples": [examples], "schema": [schema]}, outputs, transform.exec_properties)
        return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
