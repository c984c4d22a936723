"""What only old runs need goes, and what a kept run or the next run needs stays."""

import io
from pathlib import Path

from rich.console import Console

from pipeline.cleaning import clean
from pipeline.configuration.config import Config
from pipeline.report.places import report_folder
from pipeline.runs import find_run, list_runs
from pipeline.terminal.run_tables import show_nodes, show_removed
from tests.pipeline.cleaning.daily import Daily
from tests.pipeline.cleaning.nodes import folders, model_nodes, run


def test_what_only_older_runs_need_goes_and_the_next_runs_find_what_they_need(config: Config):
    daily = Daily(config)
    runs = [daily.run(last_day) for last_day in (4, 5, 6)]
    reports = [report_folder(config, run.id) / "report.html" for run in runs]
    for page in reports:
        page.parent.mkdir(parents=True)
        page.write_text("a page")
    before = daily.kept_days
    would = clean(config, 1, dry_run=True)
    assert all(all(folders(run).values()) for run in runs), "a dry run removes nothing"
    used = disk_space(config)
    removed = clean(config, 1)
    assert removed == would
    assert used - disk_space(config) == removed.freed > 0
    assert removed.runs == 2
    assert removed.artifacts == {"Ingestion": 6, "TemporalSplit": 2}
    assert daily.kept_days < before, "days whose labels changed since then"
    old, _, new = (find_run(config, run.id) for run in runs)
    assert not any(folders(old).values())
    assert all(folders(new).values())
    assert old.outputs("Ingestion", "examples") == ()
    screen = Console(file=io.StringIO(), width=300)
    show_nodes(screen, old)
    assert "(removed)" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert not Path(old.notes.log).exists()
    assert [page.parent.exists() for page in reports] == [False, False, True]

    assert [node.state for node in daily.run(6).nodes] == ["cached", "cached"]
    before = daily.kept_days
    assert daily.run(7).state == "complete"
    assert len(daily.kept_days - before) == 2, "the new day, and the one before it, which is mature now"
    assert clean(config, 3).artifacts == {}, "three runs are kept, and nothing else is left"


def test_the_last_blessed_model_and_the_last_passed_statistics_stay(config: Config):
    run(config, model_nodes(1, good=True))
    run(config, model_nodes(2, good=False))
    run(config, model_nodes(3, good=False))
    clean(config, 1)
    first, second, third = list_runs(config)
    assert all(folders(first).values()), "a next run is compared with them"
    assert not any(folders(second).values())
    assert all(folders(third).values())


def test_artifacts_that_a_kept_run_took_from_the_cache_stay(config: Config):
    run(config, model_nodes(1, good=False))
    run(config, model_nodes(2, good=False))
    again = run(config, model_nodes(1, good=False))
    assert again.state == "cached"
    clean(config, 1)
    assert all(folders(again).values())
    assert not any(folders(list_runs(config)[1]).values())
    assert run(config, model_nodes(1, good=False)).state == "cached"
    assert run(config, model_nodes(2, good=False)).state == "complete", "TFX takes no removed artifact from the cache"


def test_another_pipeline_in_the_same_root_keeps_what_it_has(config: Config):
    other = Daily(config.model_copy(update={"name": "other"}))
    with_other = other.run(4)
    daily = Daily(config)
    daily.run(4)
    daily.run(5)
    kept = daily.kept_days
    clean(config, 1)
    assert all(folders(with_other).values())
    assert daily.kept_days == kept, "the other run has used the days that only the older run used here"


def test_fewer_whole_runs_than_to_keep_remove_nothing(config: Config):
    first = run(config, model_nodes(1, good=False))
    removed = clean(config, 2)
    assert (removed.runs, removed.artifacts) == (0, {})
    assert all(folders(first).values())
    screen = Console(file=io.StringIO())
    show_removed(screen, clean(config, 2), dry_run=False)
    assert screen.file.getvalue() == "nothing to remove\n"  # type: ignore[attr-defined]


def disk_space(config: Config) -> int:
    """Bytes of all files below the root that a clean-up may remove; a file with several names counts once."""
    home = Path(config.home)
    files = [
        path
        for name in ("artifacts", "kept", "messages", "reports")
        for path in (home / name).rglob("*")
        if path.is_file()
    ]
    return sum({path.stat().st_ino: path.stat().st_size for path in files}.values())
