"""Proposed tiers fill all eight tiers with impressions, whatever the shows are."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from logs.propose_tiers import propose_tiers

HOUR = 3_600_000


def shows_of(hours: list[float], promotion: list[int], ad: list[int], streams: list[int] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "tier_ms": [round(value * HOUR) for value in hours],
            "tier_streams": streams or [10 * round(value) for value in hours],
            "promotion": promotion,
            "ad": ad,
        },
        schema_overrides={"tier_ms": pl.Int64},
    )


def test_shows_shown_alike_fill_tiers_alike_and_half_of_them_are_less_streamed() -> None:
    hours = [float(value) for value in range(16)]
    proposal = propose_tiers(shows_of(hours, [1] * 16, [3] * 16), ("promotion", "ad"))
    assert proposal
    assert proposal.tiers.boundaries_hours == (14, 12, 10, 8, 6, 4, 2)
    assert proposal.tiers.less_streamed_below == 70  # the shows of 0 to 6 hours and 7: 80 streams and more are above
    assert proposal.rows.columns == ["stream_tier", "shows", "promotion", "ad"]
    assert proposal.rows.rows() == [(tier, 2, 2, 6) for tier in range(8)]


def test_a_show_with_most_impressions_fills_a_tier_alone_and_the_others_share_the_rest() -> None:
    hours = [1000.0, *(float(value) for value in range(1, 15))]
    proposal = propose_tiers(shows_of(hours, [900, *[1] * 14], [0, *[1] * 14]), ("promotion", "ad"))
    assert proposal
    assert proposal.tiers.boundaries_hours == (1000, 13, 11, 9, 7, 5, 3)
    assert proposal.rows["shows"].to_list() == [1, *[2] * 7]


def test_a_source_with_few_impressions_counts_as_much_as_one_with_many() -> None:
    hours = [float(value) for value in range(1, 17)]
    alike = propose_tiers(shows_of(hours, [1] * 16, [1] * 16), ("promotion", "ad"))
    many = propose_tiers(shows_of(hours, [1] * 16, [1_000] * 16), ("promotion", "ad"))
    assert alike
    assert many
    assert alike.tiers == many.tiers


def test_boundaries_have_two_digits_also_where_hours_have_more() -> None:
    hours = [123_456.0, 98_765.4, 7_654.3, 654.32, 54.321, 4.3219, 0.32198, 0.0219]
    proposal = propose_tiers(shows_of(hours, [1] * 8, [1] * 8, [1] * 8), ("promotion", "ad"))
    assert proposal
    assert proposal.tiers.boundaries_hours == (120_000, 98_000, 7_600, 650, 54, 4.3, 0.32)
    assert proposal.rows["shows"].to_list() == [1] * 8


def test_too_few_amounts_of_listening_give_no_proposal() -> None:
    assert propose_tiers(shows_of([], [], []), ("promotion", "ad")) is None
    assert propose_tiers(shows_of([0.0] * 100 + [1, 2, 3, 4, 5, 6], [1] * 106, [1] * 106), ("promotion", "ad")) is None
    nearly = [100.0 + number / 100 for number in range(9)]
    assert propose_tiers(shows_of(nearly, [1] * 9, [1] * 9), ("promotion", "ad")) is None


def test_without_streams_the_threshold_is_the_least_that_finds_a_show() -> None:
    proposal = propose_tiers(shows_of([float(v) for v in range(8)], [1] * 8, [0] * 8, [0] * 8), ("promotion", "ad"))
    assert proposal
    assert proposal.tiers.less_streamed_below == 1


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.integers(0, 50), st.integers(1, 1_000), st.integers(0, 10**6)),
        max_size=60,
    )
)
def test_every_tier_of_a_proposal_has_shows_and_no_impression_is_lost(rows: list[tuple[int, int, int, int]]) -> None:
    columns = dict(zip(("tier_ms", "promotion", "ad", "tier_streams"), zip(*rows, strict=True), strict=bool(rows)))
    shows = pl.DataFrame(columns or shows_of([], [], []).to_dict())
    proposal = propose_tiers(shows, ("promotion", "ad"))
    if proposal is None:
        return
    assert proposal.rows["stream_tier"].to_list() == list(range(8))
    assert min(proposal.rows["shows"]) >= 1
    assert proposal.rows["ad"].sum() == shows["ad"].sum()
    assert all(float(f"{boundary:.2g}") == boundary for boundary in proposal.tiers.boundaries_hours)
