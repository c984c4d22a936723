"""Ingestion on its own, for a person to look at: `coldcast ingest`."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import Pipeline

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import ACCOUNTING, DETAIL, quarantine_problem, write_accounting
from components.ingestion.outputs.quarantine_files import write_quarantine
from components.ingestion.steps.beam_map import Stages
from components.ingestion.steps.days import write_parquet
from components.ingestion.steps.ingest import IngestionStages
from files.paths import is_local, pattern_problem
from files.storage import delete, replace
from logs.errors import OutputError, QuarantineError, one_line, reason_of
from logs.opening import open_logs
from transforms.feature import Feature
from transforms.features import FEATURES


def ingest(
    logs: str,
    out: str,
    config: IngestionConfig | None = None,
    features: tuple[Feature, ...] = FEATURES,
    beam_args: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, dict[str, int]]:
    """Writes `out`/labelled/*.parquet, `out`/quarantine/*.parquet, accounting.json and detail.json.

    Everything is written under a temporary name in `out` and moved at the end, accounting.json last; what an earlier
    run left under these names is replaced.

    Args:
        logs: folder of the raw logs; like `out` on any filesystem Beam reads.
        out: folder to write to.
        config: the config section; its defaults if None.
        features: the feature table.
        beam_args: Beam's pipeline arguments.
        progress: told each stage's name as it starts.

    Returns:
        The content of accounting.json.

    Raises:
        LogError: the logs break the contract; nothing is written.
        OutputError: `out` is a file, holds something that ingestion did not write, or cannot be written.
        QuarantineError: too much of a table is quarantined; quarantine and accounting are written, labelled is not.
    """
    config = config or IngestionConfig()
    out = out.rstrip("/")
    _refuse_others(out)
    opened = open_logs(logs, features)
    temporary = f"{out}/.ingestion"
    stages = Stages(lambda: Pipeline(options=PipelineOptions(list(beam_args))), f"{temporary}/scratch", progress)
    try:
        with _alone(out), _removed(temporary):
            ingestion = IngestionStages(opened, config, features, stages)
            outcome = ingestion.run(write_parquet, lambda day: f"{temporary}/labelled/day-{day}.parquet")
            write_quarantine(outcome.quarantine, f"{temporary}/quarantine")
            write_accounting(outcome.accounting, temporary)
            problem = quarantine_problem(outcome.accounting, config.max_quarantined_fraction)
            for name in (ACCOUNTING, "labelled"):  # an earlier run's, so that nothing of it stands beside this one's
                delete(f"{out}/{name}")
            for name in ("quarantine", *(() if problem else ("labelled",)), DETAIL, ACCOUNTING):
                replace(f"{temporary}/{name}", f"{out}/{name}")
    except OSError as error:
        raise OutputError.of(out, reason_of(error)) from None
    if problem:
        raise QuarantineError(problem)
    return outcome.accounting.summary()


@contextlib.contextmanager
def _alone(out: str) -> Iterator[None]:
    """Makes the folder and keeps others from writing into it; removes it if nothing was written.

    Object stores and some filesystems have no locks: there it is on the user to run one ingestion at a time.
    """
    if not is_local(out):
        yield
        return
    Path(out).mkdir(parents=True, exist_ok=True)
    folder = os.open(out, os.O_RDONLY)
    try:
        if not _locked(folder, out):
            raise OutputError(f"another ingestion writes to {out}; wait for its end, or name another folder")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # not empty: something was written
                Path(out).rmdir()
    finally:
        os.close(folder)


def _locked(folder: int, out: str) -> bool:
    """Whether the open `folder` could be locked, and is what lies at `out` still: another may have just removed it."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(folder), Path(out).stat())
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK):  # a filesystem without locks
            return True
        raise


@contextlib.contextmanager
def _removed(temporary: str) -> Iterator[None]:
    """A new folder `temporary`, gone after the block."""
    delete(temporary)  # what a killed run left
    FileSystems.mkdirs(temporary)
    try:
        yield
    finally:
        delete(temporary)


def _refuse_others(out: str) -> None:
    """Refuses a local file, and a folder that holds anything but what an earlier ingestion wrote, which is replaced."""
    if problem := pattern_problem(out):
        raise OutputError(f"{out}: {problem}")
    try:
        FileSystems.get_filesystem(out)
    except ValueError as error:
        raise OutputError(f"{out} is on no filesystem that Beam writes to: {one_line(error)}") from None
    if not is_local(out) or not Path(out).exists():
        return
    if not Path(out).is_dir():
        raise OutputError(f"{out} is a file; name an empty or a new folder")
    ours = {"labelled", "quarantine", ACCOUNTING, DETAIL}
    foreign = sorted(path.name for path in Path(out).iterdir() if path.name not in ours and path.name[0] != ".")
    if foreign:
        raise OutputError(f"{out} holds {foreign[0]}, which ingestion did not write; name an empty or a new folder")
