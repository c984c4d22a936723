import csv
from pathlib import Path

from experiments.systems.cell_files import COLUMNS, write_cells
from tests.experiments.systems.made_cells import cell


def test_every_figure_is_written_and_published_ones_stand_apart(tmp_path: Path):
    path = tmp_path / "cells.csv"
    cells = [cell("joint", "ad", 0.4), cell("joint", "ad", 0.5, stream_tier=3), cell("joint_ple", "ad", 0.3)]
    write_cells(path, cells, {("joint", "ad"): 0.502})
    lines = list(csv.DictReader(path.open()))
    assert list(lines[0]) == [*COLUMNS, "published"]
    assert [line["published"] for line in lines] == ["0.502", "", ""]
    assert [(line["relative"], line["source"], line["stream_tier"]) for line in lines] == [
        ("0.4", "ad", ""),
        ("0.5", "ad", "3"),
        ("0.3", "ad", ""),
    ]
    assert lines[0]["heads"] == "ad_stream"


def test_without_published_figures_there_is_no_such_column(tmp_path: Path):
    write_cells(tmp_path / "cells.csv", [cell("joint", "ad", 0.4)])
    assert (tmp_path / "cells.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
