"""A real Flink on this machine: Beam's job server from Maven, and a pool of Beam workers outside of it.

The job server starts Flink inside its own process. The workers are processes that Flink finds by an address, as on a
cluster. They know only what Flink sends them, and what is installed. All of it ends with the `with` block.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import apache_beam

POM = Path(__file__).with_name("pom.xml")
JOB_SERVER = "org.apache.beam.runners.flink.FlinkJobServerDriver"
WORKER_POOL = "apache_beam.runners.worker.worker_pool_main"

_START_SECONDS = 120
_STOP_SECONDS = 20
_LOG_LINES = 20


class EngineError(Exception):
    """A program is missing or failed; the message says which, and ends with the last lines of its log."""


@contextlib.contextmanager
def flink(folder: Path, parallelism: int) -> Iterator[tuple[str, ...]]:
    """Starts Flink and a pool of workers; yields the arguments of Beam that run pipelines there.

    Args:
        folder: for messages and for the files of the engine; workers start there.
        parallelism: of each step of a pipeline.

    Raises:
        EngineError: Java or Maven is missing, or a process ended before it listened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    job_port, pool_port = free_port(), free_port()
    server = ["java", "-cp", classpath(folder), JOB_SERVER, "--flink-master=[local]", f"--job-port={job_port}"]
    server += ["--artifact-port=0", f"--artifacts-dir={folder / 'staged'}", "--expansion-port=-1"]
    pool = [sys.executable, "-m", WORKER_POOL, f"--service_port={pool_port}"]
    with (
        _service("Flink's job server", folder / "flink.log", job_port, server) as job_endpoint,
        _service("the pool of Beam workers", folder / "workers.log", pool_port, pool) as pool_endpoint,
    ):
        yield beam_args(job_endpoint, pool_endpoint, parallelism)


def beam_args(job_endpoint: str, pool_endpoint: str, parallelism: int) -> tuple[str, ...]:
    """The arguments of Beam for a job server and an external pool of workers, each at `host:port`."""
    return (
        "--runner=PortableRunner",
        f"--job_endpoint={job_endpoint}",
        "--environment_type=EXTERNAL",
        f"--environment_config={pool_endpoint}",
        f"--parallelism={parallelism}",
        f"--sdk_worker_parallelism={parallelism}",  # a process for each, so that no step can share what is in memory
    )


def classpath(folder: Path) -> str:
    """The class path of the job server, fetched by Maven.

    Raises:
        EngineError: Java or Maven is missing, or Maven failed.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise EngineError(f"{program} is not on the path; install Java 11 or 17, and Maven")
    file, log = folder / "classpath.txt", folder / "maven.log"
    command = ["mvn", "--batch-mode", "--file", str(POM), f"-Dbeam.version={apache_beam.__version__}"]
    command += ["dependency:build-classpath", f"-Dmdep.outputFile={file}"]
    with log.open("w") as output:
        if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT).returncode:
            raise failed("Maven cannot fetch the job server of Flink", log)
    return file.read_text().strip()


@contextlib.contextmanager
def started(
    command: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """A process, which is ended with all processes that it started when the block ends, however it ends.

    Args:
        command: the program and its arguments.
        log: file for what the processes print.
        folder: where the process starts.
        environment: variables beside those of this process.
    """
    with log.open("w") as output:
        process = subprocess.Popen(
            list(command),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # so that one signal reaches all of its processes
        )
    try:
        yield process
    finally:
        _end(process)


def failed(problem: str, log: Path) -> EngineError:
    """The error for a program whose messages are in `log`, which may be in a temporary folder."""
    last = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    return EngineError("\n".join([f"{problem}; its last messages:", *last]))


def free_port() -> int:
    """A port of this machine at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _service(name: str, log: Path, port: int, command: list[str]) -> Iterator[str]:
    """Starts a process and waits until it listens at `port`; yields its address."""
    bin_first = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # the pool starts `python`
    with started(command, log, log.parent, {"PATH": bin_first}) as process:
        for _ in range(_START_SECONDS * 10):
            if process.poll() is not None:
                raise failed(f"{name} did not start", log)
            with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
                break
            time.sleep(0.1)
        else:
            raise failed(f"{name} did not listen within {_START_SECONDS} s", log)
        yield f"localhost:{port}"


def _end(process: subprocess.Popen) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    # After the second signal no process of the group is left, even one that outlived the first process.
