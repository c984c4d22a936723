"""The arguments of Beam: which runner they name, and which of them are refused."""

import pytest
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import create_runner

from pipeline.configuration.beam import LOCAL_RUNNER, BeamConfig
from pipeline.errors import ConfigError


@pytest.mark.parametrize("config", [BeamConfig(), BeamConfig(args=()), BeamConfig(args=("--hdfs_host=here",))])
def test_without_a_runner_beam_runs_in_this_process_whatever_direct_runner_starts(config: BeamConfig):
    runner = PipelineOptions(list(config.args)).view_as(StandardOptions).runner
    assert runner == LOCAL_RUNNER
    assert isinstance(create_runner(runner), FnApiRunner)


@pytest.mark.parametrize("args", [("--runner=DirectRunner",), ("--runner", "PortableRunner")])
def test_a_named_runner_is_kept(args: tuple[str, ...]):
    assert BeamConfig(args=args).args == args


@pytest.mark.parametrize(
    ("arg", "message"),
    [
        ("--runner=Nope", r"^beam.args: Beam has no runner Nope: Unexpected pipeline runner"),
        ("--direct_running_mode=foo", r"^beam.args: argument --direct_running_mode: invalid choice: 'foo'"),
        ("--diret_num_workers=4", r"has no argument --diret_num_workers=4; did you mean --direct_num_workers\?$"),
        ("--foo=Nope", r"^beam.args: Beam's FnApiRunner has no argument --foo=Nope$"),
        ("direct_num_workers=4", r"has no argument direct_num_workers=4; did you mean --direct_num_workers\?$"),
        ("--direct_num_workers=two", r"^beam.args: argument --direct_num_workers: invalid int value: 'two'"),
    ],
)
def test_an_argument_that_beam_does_not_take_is_refused(arg: str, message: str, capsys: pytest.CaptureFixture[str]):
    BeamConfig().apply()
    BeamConfig(args=()).apply()
    with pytest.raises(ConfigError, match=message) as error:
        BeamConfig(args=(arg,)).apply()
    assert "\n" not in str(error.value)
    assert capsys.readouterr().err == ""


def test_arguments_of_other_runners_are_not_checked():
    BeamConfig(args=("--runner=PortableRunner", "--job_endpoint=here:1", "--parallelism_of_theirs=4")).apply()
    BeamConfig().apply()
