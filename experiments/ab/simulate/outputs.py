"""Prints and writes the results of simulated tests: analysis, truth, off-policy estimates, and changes over worlds."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from experiments.ab.analyze.analysis import analyze
from experiments.ab.analyze.picture import draw_changes
from experiments.ab.analyze.results import Analysis
from experiments.ab.analyze.tables import show_analysis
from experiments.ab.measures.arms import ab_test_of
from experiments.ab.off_policy.table import show_judgement, show_notes, write_estimates
from experiments.ab.simulate.expected import Changes, expected_changes
from experiments.ab.simulate.off_policy import judgements_of
from experiments.ab.simulate.over_worlds import over_worlds
from experiments.ab.simulate.running import pooled, pooled_candidates
from experiments.ab.simulate.table import show_beside_published, write_table_csv
from experiments.ab.simulate.worlds import OWN, SHARED, Tests
from experiments.ab.simulate.worlds_table import show_symbiosis, show_worlds, write_worlds
from pipeline.terminal.screen import say


def results_of_tests(tests: Tests, folders: Sequence[Path], window: timedelta) -> tuple[Analysis, Changes]:
    """The analysis of the tests in `folders` together, and the changes of the truth.

    Raises:
        ExperimentError: an arm has no impressions.
    """
    rows, truth = pooled(folders)
    analysis = analyze(ab_test_of(rows, window, tests.policies[0].name, start=tests.start))
    return analysis, expected_changes(truth, {row.arm: row.users for row in analysis.arms}, analysis.control)


def show_tests(
    screen: Console, tests: Tests, window: timedelta, folder: Path, kind: str = ""
) -> tuple[Analysis, Changes]:
    """Prints and writes everything about the tests of one kind.

    Args:
        screen: the screen.
        tests: of every world.
        window: the longest attribution window.
        folder: of the files.
        kind: the end of their names.
    """
    control = tests.policies[0].name
    analysis, expected = results_of_tests(tests, list(tests.folders.values()), window)
    show_analysis(screen, analysis)
    show_beside_published(screen, analysis, expected, tests.policies)
    files = [folder / f"ab{kind}.csv", folder / f"ab{kind}.svg", folder / f"off-policy{kind}.csv"]
    if len(tests.folders) > 1:
        each = {name: results_of_tests(tests, [path], window) for name, path in tests.folders.items()}
        rows = over_worlds(
            {name: result[0] for name, result in each.items()}, {name: result[1] for name, result in each.items()}
        )
        show_worlds(screen, rows, control, len(each))
        files.append(folder / f"ab-worlds{kind}.csv")
        write_worlds(files[-1], rows, list(each))
    judgements = judgements_of(pooled_candidates(list(tests.folders.values())), tests.policies)
    for judgement in judgements:
        show_judgement(screen, judgement)
    show_notes(screen, judgements)
    write_table_csv(files[0], analysis, expected, tests.policies)
    draw_changes(files[1], analysis.changes, analysis.control)
    write_estimates(files[2], judgements)
    say(screen, f"wrote {', '.join(map(str, files))}")
    return analysis, expected


def show_kinds(screen: Console, tests: dict[str, Tests], window: timedelta, folder: Path) -> None:
    """Prints and writes the tests of each kind; with two kinds, also the difference of their changes."""
    if OWN not in tests:
        show_tests(screen, tests[SHARED], window, folder)
        return
    results = {}
    for kind, of_kind in tests.items():
        say(screen, f"\nEach model is trained on {'the logs of all arms' if kind == SHARED else 'the logs of its arm'}")
        results[kind] = show_tests(screen, of_kind, window, folder, f"-{kind.replace(' ', '-')}")
    show_symbiosis(screen, results[SHARED], results[OWN], tests[SHARED].policies[0].name)
