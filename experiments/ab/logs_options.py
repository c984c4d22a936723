"""Options that the commands on raw logs share."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import in_home

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
