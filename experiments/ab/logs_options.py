"""Options that the commands on raw logs share."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.ab.errors import ExperimentError
from pipeline.command_line.options import check_folder, in_home

LogsFolder = Annotated[str, typer.Argument(metavar="LOGS", callback=in_home, help="Folder of the raw logs.")]
Ingested = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        callback=in_home,
        help="Folder that `coldcast ingest` wrote from these logs. Default: label the impressions again.",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="NAME",
        help="Source whose impressions count. You can give it several times. Default: the sources with spend.",
    ),
]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", callback=in_home, help="Also write the table as a CSV file.")
]
PictureFile = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", callback=in_home, help="Also draw it, as .png or .svg.")
]


def check_picture(path: Path | None) -> None:
    """Checks that the file of `--picture` could be written.

    Raises:
        ExperimentError: its name has another ending; Matplotlib would refuse it, or write another file.
        RunsError: its folder does not exist.
    """
    if path and path.suffix.lower() not in (".png", ".svg"):
        raise ExperimentError(f"--picture {path}: end the name in .png or .svg")
    check_folder("--picture", path)
