"""docs/scale.md: the configs that it shows are valid, and what it names is what the code uses."""

import re
from pathlib import Path

import pytest
import yaml

from benchmarks.flink import engine
from pipeline.configuration.config import Config

DOC = (Path(__file__).resolve().parents[2] / "docs" / "scale.md").read_text()
SHOWN = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown["beam"]["args"][0])
def test_the_arguments_of_an_engine_are_valid_as_shown(shown: dict[str, dict[str, list[str]]]):
    config = Config.model_validate({"logs": "x", **shown})
    assert list(config.beam.args) == shown["beam"]["args"]
    config.beam.apply()


def test_the_arguments_for_flink_are_those_that_were_run():
    (flink,) = [shown["beam"]["args"] for shown in SHOWN if "PortableRunner" in shown["beam"]["args"][0]]
    run = engine.beam_args("localhost:1", "localhost:2", 2)
    assert [arg.partition("=")[0] for arg in flink] == [arg.partition("=")[0] for arg in run]


def test_the_commands_start_the_programs_that_were_run():
    for name in (engine.JOB_SERVER, engine.WORKER_POOL, "-f benchmarks/flink/pom.xml"):
        assert name in DOC
