"""Rows as `read_user_days` gives them, without logs."""

from datetime import date, timedelta

import numpy as np
import polars as pl

START = date(2026, 1, 1)


def user_days(*rows: tuple) -> pl.DataFrame:
    """Rows of (user, arm, day from 0, tier, less-streamed, impressions, streams, clicks, spend), source `ad`."""
    names = ("user_id", "arm", "day", "stream_tier", "less_streamed", "impressions", "stream", "click", "spend")
    types = (pl.String, pl.String, pl.Int64, pl.Int64, pl.Int64, *[pl.Float64] * 4)
    frame = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
    days = [START + timedelta(days=day) for day in frame["day"]]
    return frame.with_columns(pl.Series("day", days, pl.Date), source=pl.lit("ad"))


def heavy_tailed(
    users: int = 2000, days: int = 8, first_day: int = 4, lift: float = 1.0, seed: int = 0
) -> pl.DataFrame:
    """Users whose activity is log-normal and lasts; half of them stream `lift` times as often from `first_day` on."""
    rng = np.random.default_rng(seed)
    user, day, tier = (axis.ravel() for axis in np.meshgrid(range(users), range(days), range(8), indexing="ij"))
    activity, taste = rng.lognormal(0, 1.2, users), rng.beta(2, 20, users)
    treated = rng.random(users) < 0.5
    impressions = rng.poisson(activity[user] / 8 * 3)
    rate = np.minimum(taste[user] * np.where(treated[user] & (day >= first_day), lift, 1.0), 1)
    frame = pl.DataFrame(
        {
            "source": "ad",
            "user_id": np.char.add("u", user.astype(str)),
            "arm": np.where(treated, "treatment", "control")[user],
            "day": [START + timedelta(days=number) for number in day.tolist()],
            "stream_tier": tier,
            "less_streamed": (tier > 3).astype(np.int64),
            "impressions": impressions.astype(float),
            "stream": rng.binomial(impressions, rate).astype(float),
            "click": rng.binomial(impressions, 0.1).astype(float),
            "spend": impressions * rng.gamma(2, 0.01, len(user)),
        }
    )
    in_test = pl.col("day") >= START + timedelta(days=first_day)
    return frame.filter(pl.col("impressions") > 0).with_columns(pl.when(in_test).then(pl.col("arm")).alias("arm"))
