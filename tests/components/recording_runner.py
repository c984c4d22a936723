"""Beam's local engine under a name of its own, so that tests see with which options a pipeline would start."""

from typing import Any, ClassVar

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

NAME = "tests.components.recording_runner.RecordingRunner"


class RecordingRunner(FnApiRunner):
    """Runs pipelines here, and notes the options of each one.

    Attributes:
        options: of all pipelines, the first one first.
    """

    options: ClassVar[list[PipelineOptions]] = []

    def run_pipeline(self, pipeline: Any, options: PipelineOptions) -> Any:
        self.options.append(options)
        return super().run_pipeline(pipeline, options)
