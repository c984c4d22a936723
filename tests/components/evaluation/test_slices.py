"""One number of stream tiers, from ingestion to the gates."""

import components.ingestion.config
from components.evaluation.slices import LOW_TIERS, TIERS
from transforms.config import FeaturesConfig
from transforms.example_schema import build_schema
from transforms.labelled import STREAM_TIERS


def test_the_schema_the_slices_and_ingestion_know_the_same_tiers() -> None:
    columns = {column.name: column for column in build_schema(FeaturesConfig().table()).feature}
    domain = columns["stream_tier"].int_domain
    assert tuple(range(domain.min, domain.max + 1)) == TIERS
    assert len(TIERS) == STREAM_TIERS == components.ingestion.config.TIERS
    assert TIERS[3:] == LOW_TIERS
