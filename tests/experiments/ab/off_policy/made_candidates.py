"""Candidates as `read_candidates` reads them, without logs."""

from collections.abc import Sequence

import polars as pl


def made_candidates(*decisions: tuple[str, int, Sequence[float], Sequence[float], int]) -> pl.DataFrame:
    """Decisions of (user, position of the chosen candidate, probabilities, predicted stream rates, stream).

    Campaign `c0` bids 10 for a stream, `c1` 20, and so on; a click comes with each stream; each impression cost 0.05.
    """
    rows = [
        {
            "impression_id": f"i{number}", "user_id": user, "arm": "control", "stream": stream, "click": stream,
            "spend_micros": 50_000, "candidate": place, "chosen": place == chosen, "probability": probability,
            "campaign_id": f"c{place}", "bid_micros": 1e7 * (place + 1), "predicted_stream_joint": rate,
        }
        for number, (user, chosen, probabilities, rates, stream) in enumerate(decisions)
        for place, (probability, rate) in enumerate(zip(probabilities, rates, strict=True))
    ]  # fmt: skip
    return pl.DataFrame(rows)
