from pathlib import Path

from experiments.systems.forest import draw_forest
from tests.experiments.systems.made_cells import cell


def test_the_picture_names_systems_slices_and_sources(tmp_path: Path):
    cells = [
        cell(system, source, change, **keys)
        for system, change in (("joint", 0.5), ("ads_stream_only", -0.99))
        for source in ("promotion", "ad")
        for keys in ({}, {"less_streamed": 1}, {"stream_tier": 3})
    ]
    texts = [svg(tmp_path / name, cells) for name in ("first.svg", "second.svg")]
    for name in ("joint", "ads_stream_only", "less-streamed", "tier 3", "source ad", "published", "+50%"):
        assert f"<!-- {name} -->" in texts[0]
    assert texts[0] == texts[1], "the same cells give the same bytes"


def test_a_picture_without_judged_cells_is_empty(tmp_path: Path):
    assert "joint" not in svg(tmp_path / "empty.svg", [])


def svg(path: Path, cells: list) -> str:
    draw_forest(path, cells, "title", {("joint", "ad"): 0.502} if cells else None)
    return path.read_text()
