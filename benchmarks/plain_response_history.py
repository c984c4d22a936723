"""Response history, recency, and taste (docs/data.md) as plain Polars, for `benchmarks.plain_polars`."""

import polars as pl

from benchmarks.plain_windows import before, within

MONTH = pl.duration(days=30)
SOURCES = ("promotion", "ad")
KINDS = ("stream", "click", "like", "follow")
OF_USER = {"user": ["user_id"], "user_show": ["user_id", "show_id"], "user_surface": ["user_id", "surface"]}
BY_DAY = {
    "show": ["show_id"],
    "episode": ["episode_id"],
    "campaign": ["campaign_id"],
    "creative": ["creative_id"],
    "placement": ["surface", "slot", "layout"],
}
SMOOTHING = 20


def response_history(shown: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """The features of all entities by impression_id.

    Args:
        shown: all impressions, with `day`.
        responses: impression_id, kind, and when the first interaction of the kind that belongs to it was known.
    """
    answered = responses.join(shown, on="impression_id").rename({"timestamp": "began"})
    answered = answered.filter(pl.col("known") < pl.col("began") + MONTH)
    table = shown
    for entity, by in OF_USER.items():
        table = table.join(_of_user(shown, answered, entity, by), on="impression_id", maintain_order="left")
    for entity, by in BY_DAY.items():
        table = _by_day(table, shown, answered, entity, by)
    everything = pl.lit(0).alias("all")
    table, shown, answered = (frame.with_columns(everything) for frame in (table, shown, answered))
    table = _by_day(table, shown, answered, "prior", ["all"])
    rates = [rate for entity in (*OF_USER, *BY_DAY) for rate in _rates(entity)]
    names = [f"{entity}_{source}_shown_30d" for entity in (*OF_USER, *BY_DAY) for source in SOURCES]
    return table.select("impression_id", *(_where_it_is(name) for name in names), *rates)


def recency(shown: pl.DataFrame, known: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """Seconds since the last impression and stream, and counts of today and of the last 30 minutes."""
    streams = known.filter(pl.col("kind") == "stream").select("user_id", "show_id", "known")
    seen = shown.select("user_id", "show_id", known="timestamp")
    table = shown.select("impression_id", "user_id", "show_id", now="timestamp").sort("now")
    for name, events in (("impression", seen), ("stream", streams)):
        for prefix, by in (("user", ["user_id"]), ("user_show", ["user_id", "show_id"])):
            last = events.select(*by, "known", last="known").sort("known")
            latest = table.join_asof(
                last, left_on="now", right_on="known", by=by, allow_exact_matches=False, check_sortedness=False
            )["last"]
            since = (table["now"] - latest).dt.total_microseconds() / 1e6
            table = table.with_columns(
                pl.select(pl.when(since <= 30 * 86_400).then(since)).to_series().alias(f"{prefix}_seconds_since_{name}")
            )
    today = within(
        shown, seen.with_columns(user_impressions_today=pl.lit(1)), ["user_id"], ["user_impressions_today"], "midnight"
    )
    own = responses.join(shown.select("impression_id", "user_id", "timestamp"), on="impression_id")
    leaves = pl.min_horizontal(pl.col("known") + pl.duration(minutes=30), pl.col("timestamp") + MONTH)
    own = own.with_columns(leaves=leaves, n=pl.lit(1)).filter(pl.col("known") < pl.col("leaves"))
    questions = shown.select("impression_id", "user_id", now="timestamp").sort("now")
    came = before(questions, own, ["user_id"], ["n"], "known", "now")
    went = before(questions, own, ["user_id"], ["n"], "leaves", "now")
    recent = questions.select("impression_id", user_responses_30m=came["n"] - went["n"])
    return table.drop("user_id", "show_id", "now").join(today, on="impression_id").join(recent, on="impression_id")


def taste(shown: pl.DataFrame, known: pl.DataFrame, shows: pl.DataFrame) -> pl.DataFrame:
    """Mean embedding of the streamed shows, its cosine with the candidate's, and the 20 shows streamed last."""
    embeddings = shows.select("show_id", "date", "embedding").sort("date")
    streams = known.filter(pl.col("kind") == "stream").with_columns(day=pl.col("timestamp").dt.date()).sort("day")

    def embedded(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.join_asof(embeddings, left_on="day", right_on="date", by="show_id", check_sortedness=False)

    heard = embedded(streams).select("user_id", "known", streamed="show_id", ms="listened_ms", vector="embedding")
    pairs = shown.lazy().select("impression_id", "user_id", now="timestamp").join(heard.lazy(), on="user_id")
    pairs = pairs.filter((pl.col("known") < pl.col("now")) & (pl.col("known") >= pl.col("now") - MONTH))
    windows = pairs.collect(engine="streaming")
    last = windows.group_by("impression_id", "streamed").agg(pl.col("known").max())
    last = last.sort(["known", "streamed"], descending=[True, False])
    recent = last.group_by("impression_id", maintain_order=True).agg(user_recent_shows=pl.col("streamed").head(20))
    length = int(embeddings["embedding"].list.len().max() or 0)  # type: ignore[arg-type]
    weights = (
        windows.filter(pl.col("vector").is_not_null())
        .group_by("impression_id")
        .agg(
            pl.col("ms").sum().alias("total"),
            *((pl.col("vector").list.get(place) * pl.col("ms")).sum().alias(f"m{place}") for place in range(length)),
        )
    )
    weights = weights.filter(pl.col("total") > 0).with_columns(pl.col("^m\\d+$") / pl.col("total"))
    candidates = embedded(shown.sort("day")).select("impression_id", candidate="embedding")
    both = weights.join(candidates, on="impression_id")
    mean = [pl.col(f"m{place}") for place in range(length)]
    other = [pl.col("candidate").list.get(place).cast(pl.Float64) for place in range(length)]
    dot = pl.sum_horizontal([x * y for x, y in zip(mean, other, strict=True)])
    norm = pl.sum_horizontal([x * x for x in mean]).sqrt() * pl.sum_horizontal([y * y for y in other]).sqrt()
    both = both.select("impression_id", user_taste=pl.concat_list(mean), user_show_similarity=dot / norm)
    return (
        shown.select("impression_id")
        .join(both, on="impression_id", how="left")
        .join(recent, on="impression_id", how="left")
    )


def _of_user(shown: pl.DataFrame, answered: pl.DataFrame, entity: str, by: list[str]) -> pl.DataFrame:
    """Exact counts: impressions before now and not before the window, and responses that came and did not leave."""
    counted = [(f"{entity}_{source}_shown_30d", pl.col("source") == source) for source in SOURCES]
    events = shown.select(*by, *((rule.cast(pl.Int64)).alias(name) for name, rule in counted), known="timestamp")
    counts = within(shown, events, by, [name for name, _ in counted], "month")
    columns = _responses(entity)
    events = answered.select(
        *by, "known", "began", *(rule.cast(pl.Int64).alias(name) for name, rule in columns.items())
    )
    questions = shown.select("impression_id", *by, now="timestamp", start=pl.col("timestamp") - MONTH).sort("now")
    came = before(questions, events, by, list(columns), "known", "now")
    went = before(questions, events, by, list(columns), "began", "start")
    responses = questions.select("impression_id", *((came[name] - went[name]) for name in columns))
    return counts.join(responses, on="impression_id")


def _by_day(
    table: pl.DataFrame, shown: pl.DataFrame, answered: pl.DataFrame, entity: str, by: list[str]
) -> pl.DataFrame:
    """Counts of the 30 whole days before, as a step function of the day."""
    day, month = pl.duration(days=1), pl.duration(days=31)
    impressions = {f"{entity}_{source}_shown_30d": pl.col("source") == source for source in SOURCES}
    daily = shown.group_by(*by, "day").agg(rule.sum().cast(pl.Int64).alias(name) for name, rule in impressions.items())
    responses = _responses(entity)
    dated = answered.with_columns(known_day=pl.col("known").dt.date() + day, gone=pl.col("began").dt.date() + month)
    dated = dated.filter(pl.col("known_day") < pl.col("gone"))
    sums = [rule.sum().cast(pl.Int64).alias(name) for name, rule in responses.items()]
    comes, goes = (dated.group_by(*by, pl.col(at).alias("day")).agg(sums) for at in ("known_day", "gone"))
    names = [*impressions, *responses]
    changes = [
        daily.with_columns(pl.col("day") + day),
        daily.with_columns(pl.col("day") + month, *(-pl.col(name) for name in impressions)),
        comes,
        goes.with_columns(-pl.col(name) for name in responses),
    ]
    steps = pl.concat(changes, how="diagonal").group_by(*by, "day").agg(pl.col(names).sum()).sort("day")
    steps = steps.with_columns(pl.col(name).cum_sum().over(by) for name in names)
    joined = table.sort("day").join_asof(steps, on="day", by=by, check_sortedness=False)
    return joined.with_columns(pl.col(names).fill_null(0))


def _responses(entity: str) -> dict[str, pl.Expr]:
    return {
        f"{entity}_{source}_{kind}": (pl.col("source") == source) & (pl.col("kind") == kind)
        for source in SOURCES
        for kind in KINDS
    }


def _rates(entity: str) -> list[pl.Expr]:
    rates = []
    for source in SOURCES:
        for kind in KINDS:
            shown, responses = pl.col(f"{entity}_{source}_shown_30d"), pl.col(f"{entity}_{source}_{kind}")
            all_shown, all_responses = pl.col(f"prior_{source}_shown_30d"), pl.col(f"prior_{source}_{kind}")
            p = all_responses / all_shown
            odds = (responses + SMOOTHING * p) / (shown - responses + SMOOTHING * (1 - p))
            rate = pl.when(shown > 0).then(odds.log() - (p / (1 - p)).log()).otherwise(0.0)
            known = (all_responses > 0) & (all_responses < all_shown)
            name = f"{entity}_{source}_{kind}_rate_30d"
            rates.append(pl.when(known & _present(entity)).then(rate).alias(name))
    return rates


def _where_it_is(name: str) -> pl.Expr:
    entity = next(entity for entity in ("user", *BY_DAY) if name.startswith(entity))
    return pl.when(_present(entity)).then(pl.col(name)).alias(name)


def _present(entity: str) -> pl.Expr:
    """Whether the impression has the entity."""
    return pl.all_horizontal(pl.col(name).is_not_null() for name in BY_DAY.get(entity, ["user_id"]))
