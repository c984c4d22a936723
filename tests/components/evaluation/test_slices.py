"""Stream tiers, from the schema to the gates."""

from components.evaluation.slices import LOW_TIERS, TIERS
from transforms.config import FeaturesConfig
from transforms.example_schema import build_schema


def test_the_schema_and_the_slices_know_the_same_tiers() -> None:
    columns = {column.name: column for column in build_schema(FeaturesConfig().table()).feature}
    domain = columns["stream_tier"].int_domain
    assert tuple(range(domain.min, domain.max + 1)) == TIERS
    assert LOW_TIERS == (3, 4, 5, 6, 7)
