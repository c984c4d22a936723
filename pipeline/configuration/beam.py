"""The config section `beam`: the arguments of every Beam pipeline."""

import argparse
import contextlib
import difflib
import io

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pipeline.errors import ConfigError

LOCAL_RUNNER = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"
"""Beam's engine in this process, by its full name: Beam 2.68 and later start another engine for `DirectRunner`."""


class BeamConfig(BaseModel):
    """Arguments of every Beam pipeline: `--runner`, `--direct_num_workers`, `--job_endpoint`, and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    args: tuple[str, ...] = Field(
        default=(f"--runner={LOCAL_RUNNER}", "--direct_running_mode=in_memory", "--direct_num_workers=1"),
        description="Arguments as on the command line of a Beam program, also those of filesystems (`--hdfs_host`). "
        "Default of `--runner`: this process.",
    )

    @field_validator("args")
    @classmethod
    def _keeps_rows(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        if any("multi_threading" in arg for arg in args):  # in every spelling of the option that Beam accepts
            raise ValueError("multi_threading loses rows without an error; use in_memory or multi_processing")
        return args

    @field_validator("args")
    @classmethod
    def _names_a_runner(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        named = any(arg.split("=")[0] == "--runner" for arg in args)
        return args if named else (f"--runner={LOCAL_RUNNER}", *args)

    def apply(self) -> None:
        """Gives the arguments to Beam's filesystems (S3, HDFS), which also read theirs outside pipelines.

        Imports Beam, so call this only where Beam is needed.

        Raises:
            ConfigError: Beam rejects the arguments, or does not know the runner. An argument without an option in Beam
                is refused for local runners only, since other runners may know it.
        """
        from apache_beam.io.filesystems import FileSystems
        from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
        from apache_beam.runners.runner import create_runner

        errors = io.StringIO()
        parsers: list[argparse.ArgumentParser] = []
        try:
            with contextlib.redirect_stderr(errors):
                options = PipelineOptions(list(self.args))
                # Parses every option of Beam, not only the runner's name.
                known = options.get_all_options(add_extra_args_fn=parsers.append)
                runner = options.view_as(StandardOptions).runner
        except SystemExit:  # argparse prints the error and exits
            reason = errors.getvalue().strip().rpartition("error: ")[2]
            raise ConfigError(f"beam.args: {reason}") from None
        try:
            create_runner(runner)
        except (ValueError, ImportError, AttributeError) as error:
            raise ConfigError(f"beam.args: Beam has no runner {runner}: {' '.join(str(error).split())}") from None
        _, unknown = parsers[0].parse_known_args(list(self.args))
        short_name = runner.rpartition(".")[2]
        if unknown and short_name.lower() in ("directrunner", "bundlebaseddirectrunner", "fnapirunner"):
            close = difflib.get_close_matches(unknown[0].lstrip("-").partition("=")[0], known, n=1)
            hint = f"; did you mean --{close[0]}?" if close else ""
            raise ConfigError(f"beam.args: Beam's {short_name} has no argument {unknown[0]}{hint}")
        FileSystems.set_options(options)
