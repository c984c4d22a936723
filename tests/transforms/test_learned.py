from pathlib import Path

from transforms.feature import Feature
from transforms.learned import (
    quantiles_text,
    read_ids,
    read_quantiles,
    read_table,
    read_vocabularies,
    table_text,
    vocabulary_text,
)

CATEGORY = Feature(name="device", group="context", kind="category", column="impressions.device", per="request")
HASHED = Feature(
    name="show_id", group="content", kind="hashed", column="impressions.show_id", per="candidate", buckets=9
)


def test_a_vocabulary_line_is_feature_value_id() -> None:
    text = vocabulary_text({"device": [b"phone", b"web"], "slot": []})
    assert text == b"device\x1f\t0\ndevice\x1fphone\t2\ndevice\x1fweb\t3\nslot\x1f\t0\n"


def test_ids_are_counted_with_those_for_missing_and_other(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/vocabulary.txt").write_bytes(vocabulary_text({"device": [b"phone", b"w\x1feb", b"\xff"]}))
    (tmp_path / "assets/features.json").write_bytes(table_text((CATEGORY, HASHED)))
    assert read_table(str(tmp_path)) == (CATEGORY, HASHED)
    assert read_ids(str(tmp_path)) == {"device": 5, "show_id": 10}


def test_listed_values_are_read_back_by_id(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    listed = {"device": [b"phone", b"w\x1feb", b"\xff"], "slot": []}
    (tmp_path / "assets/vocabulary.txt").write_bytes(vocabulary_text(listed))
    assert read_vocabularies(str(tmp_path)) == {"device": ("phone", "w\x1feb", "\udcff")}


def test_quantiles_are_read_back_by_feature_and_value(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    quantiles = {"age": ((-1.0, 0.1, 2.5),), "sizes": ((0.0, 0.0), (-1.5, 3.0))}
    (tmp_path / "assets/quantiles.json").write_bytes(quantiles_text(quantiles))
    assert read_quantiles(str(tmp_path)) == quantiles
