"""The pipeline as TFX's own command line runs it, on its local engine.

TFX hands a pipeline file no arguments, so that the environment variable COLDCAST_CONFIG names the config:

    export COLDCAST_CONFIG=configs/tiny.yaml
    tfx pipeline create --engine local --pipeline_path pipeline/runners/tfx_cli.py
    tfx run create --engine local --pipeline_name tiny
"""

import os

from tfx.orchestration.local.local_dag_runner import LocalDagRunner

from pipeline.config import load_config
from pipeline.pipeline import create_pipeline

if __name__ == "__main__":
    LocalDagRunner().run(create_pipeline(load_config(os.environ.get("COLDCAST_CONFIG", "configs/default.yaml"))))
