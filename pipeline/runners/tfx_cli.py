"""Runs the pipeline with TFX's own command line, on its local engine.

TFX passes no arguments to a pipeline file, so the environment variable COLDCAST_CONFIG names the config:

    export COLDCAST_CONFIG=configs/tiny.yaml
    tfx pipeline create --engine local --pipeline_path pipeline/runners/tfx_cli.py
    tfx run create --engine local --pipeline_name tiny
"""

import os
import shlex
import sys

from pipeline.afterwards import clean_up
from pipeline.configuration.file import load_config
from pipeline.execute import checked_pipeline
from pipeline.metadata.records import RunNotes
from pipeline.outcome.digest import digest
from pipeline.terminal import quiet
from pipeline.terminal.screen import console
from pipeline.terminal.sentences import sentence_of


def main() -> None:
    """Runs the pipeline of the config that the environment names; prints a user's error as one sentence."""
    config_path = os.environ.get("COLDCAST_CONFIG")
    if not config_path:  # no default: it could run another pipeline than the one named to TFX's command line
        sys.exit("Error: name the config in the environment: export COLDCAST_CONFIG=configs/tiny.yaml")
    try:
        config = load_config(config_path)
        with quiet.into(config.messages / "tfx-cli.log") as log:
            from pipeline.runners import local

            config.beam.apply()
            command = f"tfx run create --engine local --pipeline_name {config.name}"
            notes = RunNotes(
                command=f"COLDCAST_CONFIG={shlex.quote(config_path)} {command}",
                log=str(log),
                settings=digest(config),
                logs=config.logs,
            )
            if local.run(checked_pipeline(config), console(), notes):  # not if TFX only registers the pipeline
                clean_up(config, console())
    except Exception as error:
        sentence = sentence_of(error)
        if not sentence:
            raise
        sys.exit(f"Error: {sentence}")


if __name__ == "__main__":
    main()
