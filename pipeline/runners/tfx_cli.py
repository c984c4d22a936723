"""The pipeline as TFX's own command line runs it, on its local engine.

TFX hands a pipeline file no arguments, so that the environment variable COLDCAST_CONFIG names the config:

    export COLDCAST_CONFIG=configs/tiny.yaml
    tfx pipeline create --engine local --pipeline_path pipeline/runners/tfx_cli.py
    tfx run create --engine local --pipeline_name tiny
"""

import os
import shlex
import sys

from pipeline.configuration.file import load_config
from pipeline.execute import checked_pipeline
from pipeline.runs import Told
from pipeline.terminal import quiet
from pipeline.terminal.screen import console
from pipeline.terminal.sentences import sentence_of


def main() -> None:
    """Runs the pipeline of the config that the environment names; a user's error is one sentence."""
    named = os.environ.get("COLDCAST_CONFIG")
    if not named:  # no default: TFX's command line would run another pipeline than the one it was asked for
        sys.exit("Error: name the config in the environment: export COLDCAST_CONFIG=configs/tiny.yaml")
    try:
        config = load_config(named)
        with quiet.into(config.messages / "tfx-cli.log") as log:
            from pipeline.runners import local

            config.beam.apply()
            again = f"tfx run create --engine local --pipeline_name {config.name}"
            told = Told(command=f"COLDCAST_CONFIG={shlex.quote(named)} {again}", log=str(log))
            local.run(checked_pipeline(config), console(), told)
    except Exception as error:
        sentence = sentence_of(error)
        if not sentence:
            raise
        sys.exit(f"Error: {sentence}")


if __name__ == "__main__":
    main()
