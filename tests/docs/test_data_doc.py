"""docs/data.md says what the code does: its tables are compared with those of the code, row by row."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.quarantine import REASONS
from components.split.config import SplitConfig
from logs.columns import DERIVED
from logs.schema import KINDS, STRINGS, TABLES, TIMESTAMP
from transforms.config import FeaturesConfig
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.labelled import KEYS
from transforms.labels import SOURCES

DOC = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()
SECTIONS = dict(re.findall(r"^##+ ([^\n:]+)[^\n]*\n(.*?)(?=^##|\Z)", DOC, re.MULTILINE | re.DOTALL))
TYPES = {
    pa.string(): "string",
    pa.int64(): "int64",
    pa.date32(): "date",
    pa.list_(pa.float32()): "list of float32",
    STRINGS: "list of strings",
    TIMESTAMP: "timestamp",
}


def rows(section: str) -> list[list[str]]:
    """The cells of the Markdown table in a section, without its head and without backticks."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_columns_are_those_of_the_contract(table):
    said = [(name, kind, bool(null)) for name, kind, null, _ in rows(f"`{table.name}`")]
    nullable = {"interactions": {"show_id"}}.get(table.name, set()) | {c.name for c in table.columns if c.nullable}
    assert said == [(column.name, TYPES[column.type], column.name in nullable) for column in table.columns]


def test_reasons_are_those_of_the_quarantine_in_their_order():
    assert [reason for reason, _ in rows("Rows that cannot be used")] == list(REASONS)


def test_features_are_those_of_the_table():
    said = [row for row in rows("Features") if len(row) == 6]
    assert said == [[f.name, f.group, f.kind + _detail(f), f.column, f.per, f.source or ""] for f in FEATURES]


def _detail(feature: Feature) -> str:
    lengths = {"categories": f" (the first {feature.length})", "vector": f" ({feature.length})"}
    return " (log)" if feature.log else lengths.get(feature.kind, "")


def test_keys_of_a_feature_are_those_that_it_has():
    assert [row[0] for row in rows("Features")[len(FEATURES) :] if len(row) == 2][2:] == list(Feature.model_fields)


def test_features_of_ones_own_are_valid_as_they_are_shown():
    (shown,) = re.findall(r"```yaml\n(.*?)```", SECTIONS["Features"], re.DOTALL)
    assert len(FeaturesConfig.model_validate(yaml.safe_load(shown)["features"]).extra) == 3


def test_everything_computed_is_explained():
    explained = {name.strip() for names, _ in rows("What was known at the time") for name in names.split(",")}
    assert explained == set(DERIVED)


def test_kinds_and_sources_are_named():
    for name in (*KINDS, *SOURCES):
        assert f"`{name}`" in DOC


def test_keys_of_labelled_impressions_are_named_in_order():
    assert ", ".join(f"`{name}`" for name in KEYS.names) in SECTIONS["What ingestion writes"]


def test_settings_are_named():
    for section, config in (("ingestion", IngestionConfig), ("split", SplitConfig)):
        for field in config.model_fields:
            assert f"`{section}.{field}`" in DOC


def test_defaults_are_those_of_the_config():
    config = IngestionConfig()
    assert set(config.windows_hours.model_dump().values()) == {24}
    assert "`ingestion.windows_hours` (default 24)" in DOC
    assert f"`ingestion.min_stream_seconds` (default {config.min_stream_seconds:g})" in DOC
    assert f"`ingestion.less_streamed_below` (default {config.less_streamed_below:,})" in DOC
    assert (
        f"`ingestion.max_quarantined_fraction` of a table (default {config.max_quarantined_fraction:.0%})"
        in " ".join(DOC.split()).replace("default 1 %", "default 1%")
    )


def test_links_lead_to_sections():
    anchors = {title.strip("`").lower().replace(",", "").replace(" ", "-") for title in SECTIONS}
    assert set(re.findall(r"\(#([^)]+)\)", DOC)) <= anchors
