"""docs/data.md agrees with the code: its tables are compared with those of the code, row by row."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from components.ingestion.compute.attribution import OUTCOMES
from components.ingestion.compute.rates import rates
from components.ingestion.compute.response_counts import CountColumns
from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import Accounting, TableCount
from components.ingestion.outputs.quarantine import REASONS
from components.split.config import SplitConfig
from logs.columns import DERIVED, kind_counts
from logs.config import TiersConfig
from logs.schema import STRINGS, TABLES, TIMESTAMP
from pipeline.configuration.config import Config
from transforms.config import FeaturesConfig
from transforms.domain import Domain, Label
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.labelled import key_schema
from transforms.responses import ENTITIES

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
    documented = [(name, kind, bool(null)) for name, kind, null, _ in rows(f"`{table.name}`")]
    nullable = {"interactions": {"show_id"}}.get(table.name, set()) | {c.name for c in table.columns if c.nullable}
    assert documented == [(column.name, TYPES[column.type], column.name in nullable) for column in table.columns]


def test_reasons_are_those_of_the_quarantine_in_their_order():
    assert [reason for reason, _ in rows("Rows that cannot be used")] == list(REASONS)


def test_features_are_those_of_the_table():
    documented = [row for row in rows("Features") if len(row) == 6]
    listed = [feature for feature in FEATURES if feature.name not in RESPONSE_HISTORY]
    assert documented == [[f.name, f.group, f.kind + _detail(f), f.column, f.per, f.source or ""] for f in listed]


RESPONSE_HISTORY = {name for entity in ENTITIES for name in entity.names(Domain())}


def _detail(feature: Feature) -> str:
    first, length = f" (the first {feature.length})", f" ({feature.length})"
    lengths = {"categories": first, "hashed_list": first, "vector": length}
    return " (log)" if feature.log else lengths.get(feature.kind, "")


def test_features_of_response_history_are_those_of_the_pattern():
    text = SECTIONS["Response history"]
    patterns = re.findall(r"^- `<entity>(\S+)`:", text, re.MULTILINE)
    names = {
        f"{entity}{pattern}".replace("<source>", source).replace("<kind>", kind)
        for entity, *_ in rows("Response history")
        for pattern in patterns
        for source in Domain().sources
        for kind in Domain().response_kinds
    }
    assert names == RESPONSE_HISTORY
    assert {"show_promotion_shown_30d", "user_ad_stream_rate_30d"} <= names
    assert f"`ingestion.rate_smoothing` (default {IngestionConfig().rate_smoothing:g})" in text


def test_the_rate_that_is_worked_out_is_right():
    columns = CountColumns(1, 1)
    (((rate,),),) = rates(np.array([[30, 4]]), np.array([1000, 50]), 20, columns)
    assert f"= {rate:.3f}." in SECTIONS["Response history"]


def test_keys_of_a_feature_are_those_that_it_has():
    keys = [row[0] for row in rows("Features") if len(row) == 2][2:]  # without the head
    assert keys == list(Feature.model_fields)


def test_sources_and_labels_are_valid_as_they_are_shown():
    (shown,) = re.findall(r"```yaml\n(.*?)```", SECTIONS["Sources and labels"], re.DOTALL)
    domain = Config.model_validate({"logs": "x", **yaml.safe_load(shown)}).domain
    assert domain.sources == ("promotion", "ad", "email")
    assert list(domain.labels) == ["stream", "click", "like", "follow", "save", "long_stream"]
    assert (domain.labels["stream"].min_stream_seconds, domain.labels["long_stream"].window_hours) == (60, 48)


def test_keys_of_a_label_are_those_that_it_has():
    assert [key for key, _ in rows("Sources and labels")] == list(Label.model_fields)


def test_features_of_ones_own_are_valid_as_they_are_shown():
    (shown,) = re.findall(r"```yaml\n(.*?)```", SECTIONS["Features"], re.DOTALL)
    config = FeaturesConfig.model_validate(yaml.safe_load(shown)["features"])
    config.check(Domain())
    assert len(config.extra) == 3


def test_everything_computed_is_explained():
    explained = {name.strip() for names, _ in rows("What was known at the time") for name in names.split(",")}
    assert explained == set(DERIVED)


def test_counts_by_kind_are_explained():
    names = {count.name.replace("_stream_", "_<kind>_") for count in kind_counts(Domain()) if count.kind == "stream"}
    for name in names:
        assert f"`{name}`" in SECTIONS["What was known at the time"]


def test_kinds_and_sources_are_named():
    for name in (*Domain().kinds, *Domain().sources):
        assert f"`{name}`" in DOC


def test_keys_of_labelled_impressions_are_named_in_order():
    domain = Domain()
    listed = re.findall(r"`([a-z_]+)`", SECTIONS["What ingestion writes"].split("labelled impression:")[1])
    assert listed[: len(key_schema(domain))] == key_schema(domain).names


def test_the_sums_of_the_accounting_are_named_in_order():
    tables = {name: TableCount(0, {}, 0) for name in ("impressions", "interactions")}
    summary = Accounting(tables, dict.fromkeys(OUTCOMES, 0), {}, 0).summary()
    for table, counts in summary.items():
        rows_in, *parts = (f"`{name}`" for name in counts)
        assert f"- {table}: {rows_in} = {' + '.join(parts)}\n" in SECTIONS["Accounting"]


def test_settings_are_named():
    for section, config in (("ingestion", IngestionConfig), ("tiers", TiersConfig), ("split", SplitConfig)):
        for field in config.model_fields:
            assert f"`{section}.{field}`" in DOC


def test_defaults_are_those_of_the_config():
    config = IngestionConfig()
    label = Label(kind="stream")
    assert f"| `window_hours` | the attribution window in hours (default {label.window_hours:g})" in DOC
    assert f"the shortest listening time that counts (default {label.min_stream_seconds:g})" in DOC
    assert f"`tiers.less_streamed_below` (default {TiersConfig().less_streamed_below:,})" in DOC
    assert (
        f"`ingestion.max_quarantined_fraction` of a table (default {config.max_quarantined_fraction:.0%})"
        in " ".join(DOC.split()).replace("default 1 %", "default 1%")
    )


def test_links_lead_to_sections():
    anchors = {title.strip("`").lower().replace(",", "").replace(" ", "-") for title in SECTIONS}
    assert set(re.findall(r"\(#([^)]+)\)", DOC)) <= anchors
