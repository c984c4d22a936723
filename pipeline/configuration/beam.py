"""The config section `beam`: the arguments of every Beam pipeline."""

import argparse
import contextlib
import difflib
import io

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pipeline.errors import ConfigError


class BeamConfig(BaseModel):
    """Arguments of every Beam pipeline: `--runner`, `--direct_num_workers`, `--job_endpoint` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    args: tuple[str, ...] = Field(
        default=("--runner=DirectRunner", "--direct_running_mode=in_memory", "--direct_num_workers=1"),
        description="As on the command line of a Beam program; filesystems find theirs here, too (`--hdfs_host`).",
    )

    @field_validator("args")
    @classmethod
    def _keeps_rows(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        if any("multi_threading" in arg for arg in args):  # however Beam lets one spell the option
            raise ValueError("multi_threading loses rows without an error; use in_memory or multi_processing")
        return args

    def apply(self) -> None:
        """Hands the arguments to Beam, whose filesystems (S3, HDFS) read theirs outside pipelines too.

        Imports Beam, so only what needs it should call this.

        Raises:
            ConfigError: Beam does not take the arguments, or does not know the runner. An argument that Beam itself has
                no option for is refused for its local runners alone: others may know it.
        """
        from apache_beam.io.filesystems import FileSystems
        from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
        from apache_beam.runners.runner import create_runner

        said = io.StringIO()
        parsers: list[argparse.ArgumentParser] = []
        try:
            with contextlib.redirect_stderr(said):
                options = PipelineOptions(list(self.args))
                # Reads all that Beam has options for, not the runner's name alone.
                known = options.get_all_options(add_extra_args_fn=parsers.append)
                runner = options.view_as(StandardOptions).runner or StandardOptions.DEFAULT_RUNNER
        except SystemExit:  # argparse prints what is wrong and leaves
            reason = said.getvalue().strip().rpartition("error: ")[2]
            raise ConfigError(f"beam.args: {reason}") from None
        try:
            create_runner(runner)
        except (ValueError, ImportError, AttributeError) as error:
            raise ConfigError(f"beam.args: Beam has no runner {runner}: {' '.join(str(error).split())}") from None
        _, unknown = parsers[0].parse_known_args(list(self.args))
        if unknown and "direct" in runner.lower():
            close = difflib.get_close_matches(unknown[0].lstrip("-").partition("=")[0], known, n=1)
            hint = f"; did you mean --{close[0]}?" if close else ""
            raise ConfigError(f"beam.args: Beam's {runner} has no argument {unknown[0]}{hint}")
        FileSystems.set_options(options)
