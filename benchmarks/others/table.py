"""Other libraries' predictions beside a branch's on the same test rows, as tables and CSV files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.others.errors import OthersError
from benchmarks.others.training import TrainingResult
from components.evaluation.config import CANDIDATE
from components.evaluation.paired.compare import compare
from components.evaluation.paired.correction import corrected
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.scores import Scores, score_column
from experiments.systems.cell_files import write_cells
from experiments.systems.cells import Cell
from experiments.systems.texts import ap_text, change_text, interval_text
from files.tables import write_table
from pipeline.terminal.fitting import TableColumn

ResultsByModel = Mapping[str, Sequence[TrainingResult]]
"""By name, such as `deepctr mmoe`, the results of its seeds."""


@dataclass(frozen=True)
class Speed:
    """Training speed of a model.

    Attributes:
        name: the model.
        rate: training examples per CPU second; None if it is not known.
        epochs: epochs trained, and the chosen one, as text; empty for a model that was trained for its speed only.
        validation_ap: of streams, the mean of the sources and seeds; None as above.
    """

    name: str
    rate: float | None
    epochs: str = ""
    validation_ap: float | None = None


def scores_of(ours: Scores, ids: Sequence[str], predictions: pl.DataFrame) -> Scores:
    """A library's predictions as the scores of the same test rows.

    Args:
        ours: the branch's scores.
        ids: the impression of each prediction.
        predictions: a column for each head.

    Raises:
        OthersError: a test row that the branch scored has no prediction.
    """
    columns = {head.name: score_column(CANDIDATE, head.name) for head in ours.about.heads}
    theirs = predictions.select(*columns).rename(columns).with_columns(pl.Series("impression_id", ids))
    rows = ours.rows.drop(*columns.values()).join(theirs, on="impression_id", how="inner").sort("impression_id")
    if rows.height != ours.rows.height:
        raise OthersError(
            f"Only {rows.height} of {ours.rows.height} test rows have a prediction of the library; give the run whose "
            "branch you compare by --run."
        )
    return Scores(ours.about, rows)


def compared(
    ours: Sequence[Scores], ids: Sequence[str], results: ResultsByModel, branch: str, world: str
) -> list[Cell]:
    """AP of every label and source of each library's model beside the branch's, corrected for each other.

    Args:
        ours: the scores of the branch, one for each of its seeds.
        ids: the impression of each prediction.
        results: of the libraries' models.
        branch: name of the branch.
        world: name of the logs.
    """
    cells = [
        Cell(name, branch, world, row)
        for name, of_seeds in results.items()
        for row in compare([scores_of(ours[0], ids, result.predictions) for result in of_seeds], ours, BY_SOURCE, (AP,))
    ]
    rows = corrected([cell.row for cell in cells])
    return [Cell(cell.system, cell.against, cell.world, row) for cell, row in zip(cells, rows, strict=True)]


def ap_columns(cells: Sequence[Cell], branch: str) -> list[TableColumn]:
    """The cells as the columns of a table."""
    rows: list[PairedRow] = [cell.row for cell in cells]
    return [
        TableColumn("model", [cell.system for cell in cells]),
        TableColumn("label", [row.label for row in rows], rank=4),
        TableColumn("source", [str(row.keys["source"]) for row in rows]),
        TableColumn("positives", [f"{row.positives:,}" for row in rows], right=True, rank=3),
        TableColumn(branch, [ap_text(row.theirs) for row in rows], right=True),
        TableColumn("its AP", [ap_text(row.ours) for row in rows], right=True),
        TableColumn("change", [change_text(row) for row in rows], right=True),
        TableColumn("95 % interval", [interval_text(row) for row in rows], right=True, rank=1),
        TableColumn("q", ["" if row.q is None else f"{row.q:.2f}" for row in rows], right=True, rank=2),
    ]


def speeds_of(results: ResultsByModel) -> list[Speed]:
    """The speed of each library's model, the mean over its seeds."""
    return [
        Speed(
            name,
            sum(result.examples_per_cpu_second for result in of_seeds) / len(of_seeds),
            ", ".join(f"{result.chosen} of {result.epochs}" for result in of_seeds),
            sum(result.validation_ap for result in of_seeds) / len(of_seeds),
        )
        for name, of_seeds in results.items()
    ]


def speed_columns(speeds: Sequence[Speed]) -> list[TableColumn]:
    """The speeds as the columns of a table."""
    return [
        TableColumn("model", [speed.name for speed in speeds]),
        TableColumn(
            "examples / CPU s", ["" if speed.rate is None else f"{speed.rate:,.0f}" for speed in speeds], right=True
        ),
        TableColumn("best epoch", [speed.epochs for speed in speeds], rank=2),
        TableColumn(
            "validation AP",
            ["" if speed.validation_ap is None else ap_text(speed.validation_ap) for speed in speeds],
            right=True,
            rank=1,
        ),
    ]


def write_csv(folder: Path, cells: Sequence[Cell], speeds: Sequence[Speed]) -> None:
    """Writes `ap.csv`, a line for each cell, and `speed.csv`, a line for each model."""
    folder.mkdir(parents=True, exist_ok=True)
    write_cells(folder / "ap.csv", cells)
    columns = ["model", "examples_per_cpu_second", "best_epoch", "validation_ap"]
    lines = ([speed.name, speed.rate, speed.epochs, speed.validation_ap] for speed in speeds)
    write_table(folder / "speed.csv", columns, lines)
