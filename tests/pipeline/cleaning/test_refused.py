"""A clean-up removes nothing where nothing has run, and while a run uses the root."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.afterwards import clean_up
from pipeline.cleaning import clean
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.locks import running
from pipeline.runs import list_runs
from tests.pipeline.cleaning.nodes import folders, model_nodes, run


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_root_that_has_no_runs_stays_as_it_is(config: Config, dry_run: bool):
    with pytest.raises(RunsError, match="nothing has run yet"):
        clean(config, 1, dry_run=dry_run)
    assert not Path(config.root).exists()


def test_nothing_is_removed_while_a_run_uses_the_root(config: Config):
    run(config, model_nodes(1, good=False))
    run(config, model_nodes(2, good=False))
    loose = config.model_copy(update={"runs": config.runs.model_copy(update={"keep": 1})})
    screen = Console(file=io.StringIO(), width=300)
    with running(Path(config.home)):
        with pytest.raises(RunsError, match=r"a run uses .*: wait until it ends"):
            clean(config, 1)
        clean_up(loose, screen)
    assert "warning: old runs were not removed: a run uses" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert all(folders(list_runs(config)[0]).values())
    clean_up(config, screen)
    assert all(folders(list_runs(config)[0]).values()), "runs.keep is null"
    clean_up(loose, screen)
    assert not any(folders(list_runs(config)[0]).values())
