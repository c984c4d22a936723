"""The pipeline as TFX's own command line runs it, on its local engine.

TFX hands a pipeline file no arguments, so that the environment variable COLDCAST_CONFIG names the config:

    export COLDCAST_CONFIG=configs/tiny.yaml
    tfx pipeline create --engine local --pipeline_path pipeline/runners/tfx_cli.py
    tfx run create --engine local --pipeline_name tiny
"""

import os

from pipeline import quiet
from pipeline.config import load_config
from pipeline.screen import console

if __name__ == "__main__":
    config = load_config(os.environ.get("COLDCAST_CONFIG", "configs/default.yaml"))
    with quiet.into(config.messages / "tfx-cli.log"):
        from pipeline.pipeline import create_pipeline
        from pipeline.runners import local

        local.run(create_pipeline(config), console())
