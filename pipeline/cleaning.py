"""`coldcast runs clean`: removes files that only old runs need (docs/data.md#what-is-kept-and-for-how-long).

ML Metadata says which artifacts nobody needs any more; they are marked as deleted, so that TFX takes none of them from
its cache. The results that ingestion keeps are listed beside the accounting of each run.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.ingestion.outputs.manifest import MANIFEST, read_manifest
from files.atomic import PARTIAL_FILE
from files.kept import RECORD
from files.removal import remove, space_of
from pipeline.locks import cleaning
from pipeline.metadata.records import RunNotes
from pipeline.metadata.store import ENDED, check_has_run, open_store, run_contexts
from pipeline.report.places import report_folder

if TYPE_CHECKING:
    from pipeline.configuration.config import Config

KEPT_KINDS = ("facts", "rows", "duplicates", "snapshots", "states", "episodes", "days", "outcomes")
"""Folders of the results that ingestion keeps."""


@dataclass(frozen=True)
class Removed:
    """Numbers and bytes that a clean-up removed, or would remove. Runs of earlier clean-ups count again.

    Attributes:
        runs: how many runs are not kept.
        artifacts: how many of their artifacts went, by node.
        results: how many results of ingestion went.
        files: how many other files and folders went: messages and reports of the runs, and files that killed runs left.
        freed: bytes.
    """

    runs: int
    artifacts: Counter[str]
    results: int
    files: int
    freed: int


def clean(config: "Config", keep: int, *, dry_run: bool = False) -> Removed:
    """Keeps the newest `keep` runs that reached their end, and removes all that only older runs need.

    Runs that began after the oldest kept one stay too, so that a killed run can go on. Published versions stay.

    Args:
        config: says which pipeline and root.
        keep: at least 1.
        dry_run: counts, and removes nothing.

    Raises:
        RunsError: nothing has run yet, or a run uses the root at this moment.
    """
    from pipeline.metadata.needed import unneeded

    home = Path(config.home)
    check_has_run(config.metadata)  # before the lock, whose folder a mistyped root must not get
    with cleaning(home):
        store = open_store(config.metadata, write=not dry_run)
        runs = run_contexts(store, config)
        kept = kept_runs(runs, keep)
        gone = unneeded(store, config.name, runs, kept)
        staying, folders = _split(store, gone.artifacts, home)
        results = _unused_results(home / "kept", _used(staying), since=runs[-1].create_time_since_epoch / 1000)
        reports = [path for run in gone.runs if (path := report_folder(config, run.name)).is_dir()]
        others = [*_logs_of(gone.runs, Path(config.messages)), *reports, *_leftovers(home)]
        files = [path for of_result in results.values() for path in of_result]
        # The records first: a record says that its files are whole, so a killed clean-up must leave none without them.
        paths = [*folders, *sorted(files, key=lambda path: path.suffix != RECORD), *others]
        if not dry_run:
            mark_deleted(store, gone.artifacts)  # before the files go: a killed clean-up leaves files, never gaps
        freed = space_of(paths)
        if not dry_run:
            remove(paths)
    nodes = Counter(_node_of(artifact.uri, home) for artifact in gone.artifacts)
    return Removed(len(gone.runs), nodes, len(results), len(others), freed)


def kept_runs(runs: Sequence[Any], keep: int) -> list[Any]:
    """The newest `keep` of `runs` (contexts, the oldest first) that reached their end, and all that began later."""
    ended = [number for number, run in enumerate(runs) if ENDED in run.custom_properties]
    return list(runs[ended[-keep] :] if len(ended) >= keep else runs)


def mark_deleted(store: Any, artifacts: Sequence[Any]) -> None:
    """Marks artifacts as deleted in an open `MetadataStore`: no node finds them, and no cache gives them."""
    from ml_metadata.proto import metadata_store_pb2

    for artifact in artifacts:
        artifact.state = metadata_store_pb2.Artifact.DELETED
    if artifacts:
        store.put_artifacts(artifacts)


def _split(store: Any, gone: Sequence[Any], home: Path) -> tuple[list[str], list[Path]]:
    """The folders of the artifacts that stay, and those below `home` that can go.

    Artifacts that an earlier clean-up marked as deleted can go, too: it may have been killed.
    """
    from ml_metadata.proto import metadata_store_pb2

    ids = {artifact.id for artifact in gone}
    staying: list[str] = []
    going: list[str] = []
    for artifact in store.get_artifacts():
        deleted = artifact.id in ids or artifact.state == metadata_store_pb2.Artifact.DELETED
        (going if deleted else staying).append(artifact.uri)
    folders = {Path(uri) for uri in going if uri not in staying}  # an Importer's runs share the folder
    return staying, sorted(folder for folder in folders if folder.is_relative_to(home) and folder.exists())


def _used(folders: Iterable[str]) -> set[str]:
    """Names of the kept results, `kind/name`, that ingestion used in the runs whose accountings are in `folders`."""
    return {name for folder in folders if Path(folder, MANIFEST).is_file() for name in read_manifest(folder)}


def _unused_results(kept: Path, used: set[str], since: float) -> dict[str, list[Path]]:
    """The files of results that are not `used`, by result. Those written `since` then may be of a killed run."""
    results: dict[str, list[Path]] = {}
    for kind in KEPT_KINDS:
        for path in sorted((kept / kind).glob("*")):
            name = f"{kind}/{re.split('[-.]', path.name)[0]}"
            if name not in used and not PARTIAL_FILE.fullmatch(path.name) and path.stat().st_mtime < since:
                results.setdefault(name, []).append(path)
    return results


def _logs_of(runs: Iterable[Any], messages: Path) -> Iterator[Path]:
    """The files with the messages of runs."""
    key = RunNotes.properties()["log"]
    for run in runs:
        path = Path(run.custom_properties[key].string_value)
        if path.is_relative_to(messages) and path.is_file():
            yield path


def _leftovers(home: Path) -> Iterator[Path]:
    """Folders and partial files that nodes and killed runs left behind. No run uses the root at this moment."""
    yield from (home / "artifacts").glob("*/.system/executor_execution/*")
    yield from (path for path in (home / "kept").rglob(".*.partial") if PARTIAL_FILE.fullmatch(path.name))


def _node_of(uri: str, home: Path) -> str:
    """The node that made an artifact, from its folder `<home>/artifacts/<node>/...`; empty for others."""
    path = Path(uri)
    return path.relative_to(home / "artifacts").parts[0] if path.is_relative_to(home / "artifacts") else ""
