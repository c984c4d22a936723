"""All processes of the engine end with its block, and a program that fails says why."""

import os
import shutil
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.flink import engine
from benchmarks.flink.engine import EngineError, classpath, free_port, started
from pipeline.configuration.beam import BeamConfig

PARENT = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "print('up', flush=True); input()"], stdin=-1, stdout=-1)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""
"""Starts a process, prints its id, and waits for a signal."""


def is_there(process: int) -> bool:
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text()  # a zombie has ended


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_process_and_those_that_it_started_end_with_the_block(tmp_path: Path, error: type[BaseException] | None):
    log = tmp_path / "log"
    ids: list[int] = []
    try:
        with started([sys.executable, "-c", PARENT], log, tmp_path) as process:
            while not log.read_text().endswith("\n"):
                assert process.poll() is None
            ids += [process.pid, int(log.read_text())]
            assert all(is_there(id_) for id_ in ids)
            if error:
                raise error
    except (RuntimeError, KeyboardInterrupt, SystemExit) as raised:
        assert type(raised) is error
    assert len(ids) == 2
    for _ in range(1000):  # the kernel ends a killed process a moment later
        if any(is_there(id_) for id_ in ids):
            time.sleep(0.01)
    assert not any(is_there(id_) for id_ in ids)


def test_an_engine_that_does_not_start_shows_its_last_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no memory\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(engine, "classpath", lambda _: "no.jar")
    # The pool starts `python` by the path, where the environment comes first; java is not in it.
    monkeypatch.setattr(sys, "executable", str(program.parent / "python"))
    with (
        pytest.raises(EngineError, match=r"^Flink's job server did not start; its last messages:\nno memory$"),
        engine.flink(tmp_path / "engine", 2),
    ):
        pass


@pytest.mark.parametrize("missing", ["java", "mvn"])
def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else name)
    with pytest.raises(EngineError, match=f"^{missing} is not on the path; install Java 11 or 17, and Maven$"):
        classpath(tmp_path)


def test_maven_fetches_the_job_server_in_the_version_of_beam_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "mvn"
    program.write_text('#!/bin/sh\nfor last; do :; done\necho "$@" > "${last#-Dmdep.outputFile=}"\n')
    program.chmod(0o755)
    (tmp_path / "java").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    arguments = classpath(tmp_path).split()
    assert f"-Dbeam.version={engine.apache_beam.__version__}" in arguments
    assert arguments[arguments.index("--file") + 1] == str(engine.POM)
    namespace = {"": "http://maven.apache.org/POM/4.0.0"}
    dependencies = ElementTree.parse(engine.POM).getroot().findall("dependencies/dependency", namespace)
    versions = {d.findtext("artifactId", "", namespace): d.findtext("version", "", namespace) for d in dependencies}
    assert versions["beam-runners-flink-1.19"] == "${beam.version}"


def test_the_arguments_are_valid_ones_of_a_config():
    args = engine.beam_args("localhost:1", "localhost:2", 3)
    assert BeamConfig(args=args).args == args
    BeamConfig(args=args).apply()


def test_free_ports_differ():
    assert free_port() != free_port()
