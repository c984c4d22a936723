"""Ingestion on its own, for a person to look at: `coldcast ingest`."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import Pipeline

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import ACCOUNTING, DETAIL, quarantine_problem, write_accounting
from components.ingestion.outputs.quarantine_files import write_quarantine
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.ingest import IngestionSteps
from components.ingestion.steps.results import parquet_writer
from files.atomic import InUseError, locked
from files.kept import Kept
from files.paths import is_local, pattern_problem
from files.storage import delete, replace
from logs.config import TiersConfig
from logs.errors import OutputError, QuarantineError, one_line, reason_of
from logs.opening import open_logs
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES


def ingest(
    logs: str,
    out: str,
    config: IngestionConfig | None = None,
    tiers: TiersConfig | None = None,
    domain: Domain | None = None,
    features: tuple[Feature, ...] = FEATURES,
    beam_args: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, dict[str, int]]:
    """Writes `out`/labelled/*.parquet, `out`/quarantine/*.parquet, accounting.json and detail.json.

    Everything is written under a temporary name in `out` and moved at the end, accounting.json last. The results of an
    earlier run are replaced.

    Args:
        logs: folder of the raw logs, on any filesystem Beam reads.
        out: folder to write to, on any filesystem Beam reads.
        config: the config section; its defaults if None.
        tiers: the config section `tiers`, which gives each row its stream tier; its defaults if None.
        domain: the sources and labels; the default ones if None.
        features: the feature table.
        beam_args: Beam's pipeline arguments.
        progress: called with the name of each step as it starts.

    Returns:
        The content of accounting.json.

    Raises:
        LogError: the logs break the contract; nothing is written.
        OutputError: `out` is a file, is in use, holds something that ingestion did not write, or cannot be written.
        QuarantineError: too much of a table is quarantined; quarantine and accounting are written, labelled is not.
    """
    config, domain = config or IngestionConfig(), domain or Domain()
    out = out.rstrip("/")
    _check_free(out)
    tiers = tiers or TiersConfig()
    opened = open_logs(logs, features, domain)
    temporary = f"{out}/.ingestion"
    steps = Steps(lambda: Pipeline(options=PipelineOptions(list(beam_args))), f"{temporary}/scratch", progress)
    try:
        with _alone(out), _removed(temporary):
            kept = Kept(f"{steps.scratch}/kept")
            ingestion = IngestionSteps(opened, config, domain, features, steps, kept)
            result = ingestion.run(parquet_writer(tiers))
            FileSystems.mkdirs(f"{temporary}/labelled")
            for day, path in result.days.items():
                replace(path, f"{temporary}/labelled/day-{day}.parquet")
            write_quarantine(result.quarantine, f"{temporary}/quarantine")
            write_accounting(result.accounting, temporary)
            problem = quarantine_problem(result.accounting, config.max_quarantined_fraction)
            for name in (ACCOUNTING, "labelled"):  # of an earlier run, so that its files never stand beside this one's
                delete(f"{out}/{name}")
            for name in ("quarantine", *(() if problem else ("labelled",)), DETAIL, ACCOUNTING):
                replace(f"{temporary}/{name}", f"{out}/{name}")
    except OSError as error:
        raise OutputError.of(out, reason_of(error)) from None
    if problem:
        raise QuarantineError(problem)
    return result.accounting.summary()


@contextlib.contextmanager
def _alone(out: str) -> Iterator[None]:
    """Makes the folder and keeps other ingestions from writing into it; removes it if nothing was written.

    Object stores and some filesystems have no locks: there the user must run one ingestion at a time.
    """
    if is_local(out):
        Path(out).mkdir(parents=True, exist_ok=True)
    try:
        with locked(f"{out}/.ingestion.lock", wait=False):
            yield
    except InUseError:
        raise OutputError(f"another ingestion writes to {out}; wait until it ends, or name another folder") from None
    finally:
        if is_local(out):
            with contextlib.suppress(OSError):  # not empty: something was written
                Path(out).rmdir()


@contextlib.contextmanager
def _removed(temporary: str) -> Iterator[None]:
    """Makes the folder `temporary` and removes it after the block."""
    delete(temporary)  # left by a killed run
    FileSystems.mkdirs(temporary)
    try:
        yield
    finally:
        delete(temporary)


def _check_free(out: str) -> None:
    """Refuses a local file, and a folder that holds anything but the results of an earlier ingestion."""
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
    results = {"labelled", "quarantine", ACCOUNTING, DETAIL}
    foreign = sorted(path.name for path in Path(out).iterdir() if path.name not in results and path.name[0] != ".")
    if foreign:
        raise OutputError(f"{out} holds {foreign[0]}, which ingestion did not write; name an empty or a new folder")
