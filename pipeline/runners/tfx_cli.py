"""The pipeline as TFX's own command line runs it, on its local engine.

TFX hands a pipeline file no arguments, so that the environment variable COLDCAST_CONFIG names the config:

    export COLDCAST_CONFIG=configs/tiny.yaml
    tfx pipeline create --engine local --pipeline_path pipeline/runners/tfx_cli.py
    tfx run create --engine local --pipeline_name tiny
"""

import os
import sys

from pipeline import quiet
from pipeline.config import ConfigError, load_config
from pipeline.screen import console

if __name__ == "__main__":
    try:  # no default: TFX's command line would run another pipeline than the one it was asked for
        config = load_config(os.environ["COLDCAST_CONFIG"])
    except KeyError:
        sys.exit("Error: name the config in the environment: export COLDCAST_CONFIG=configs/tiny.yaml")
    except ConfigError as error:
        sys.exit(f"Error: {error}")
    with quiet.into(config.messages / "tfx-cli.log"):
        from pipeline.pipeline import create_pipeline
        from pipeline.runners import local

        local.run(create_pipeline(config), console())
