"""Slices: stream tiers as the schema knows them, and the keys of slices."""

from components.evaluation.slices import LOW_TIERS, TIERS, Slice, column_values
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.example_schema import build_schema


def test_the_schema_and_the_slices_know_the_same_tiers() -> None:
    columns = {column.name: column for column in build_schema(FeaturesConfig().table(), Domain()).feature}
    tiers = columns["stream_tier"].int_domain
    assert tuple(range(tiers.min, tiers.max + 1)) == TIERS
    assert LOW_TIERS == (3, 4, 5, 6, 7)


def test_a_slice_has_a_combination_for_each_of_its_known_values() -> None:
    values = column_values(("promotion", "ad", "email"))
    assert Slice(("source",)).combinations(values) == ({"source": "promotion"}, {"source": "ad"}, {"source": "email"})
    assert Slice().combinations(values) == ({},)
    assert Slice(("less_streamed",), only=1).combinations(values) == ({"less_streamed": 1},)
    assert Slice(("device",)).combinations(values) == ()
    assert len(Slice(("source", "stream_tier")).combinations(values)) == 3 * 8
