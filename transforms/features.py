"""The built-in features with their groups, as data (docs/data.md#features).

Ingestion fills them. The schema and the Transform graph are built from them. A model takes them by group, and the
serving signatures name them. To add a feature, add a row here, or to `features.extra` in the config.
"""

from transforms.domain import DEFAULT_DOMAIN, Domain
from transforms.feature import Feature, Group, Per
from transforms.responses import response_features

EMBEDDING_LENGTH = 16
"""The default length of the shows' embeddings."""

RECENT_SHOWS = 20
"""How many of the shows streamed last are kept."""

_SHOW_BUCKETS = 20_000


def _user(name: str, kind: str, column: str, *, per: Per = "request", log: bool = False) -> Feature:
    return Feature(name=name, group="user", kind=kind, column=column, per=per, log=log)


def _content(
    name: str, kind: str, column: str, *, log: bool = False, buckets: int = 10_000, length: int = 1
) -> Feature:
    return Feature(
        name=name, group="content", kind=kind, column=column, per="candidate", log=log, buckets=buckets, length=length
    )


def _context(name: str, kind: str, column: str) -> Feature:
    return Feature(name=name, group="context", kind=kind, column=column, per="request")


def _creative(name: str, kind: str, *, source: str | None = None) -> Feature:
    return Feature(name=name, group="creative", kind=kind, column=f"impressions.{name}", per="candidate", source=source)


_USER = (
    # profile, history over the last 30 days, and history with the candidate show
    _user("user_language", "category", "users.language"),
    _user("age_bucket", "category", "users.age_bucket"),
    _user("product", "category", "users.product"),
    _user("account_age_days", "numeric", "users.account_age_days", log=True),
    _user("user_streams_30d", "numeric", "derived.user_streams_30d", log=True),
    _user("user_hours_30d", "numeric", "derived.user_hours_30d", log=True),
    _user("user_shows_30d", "numeric", "derived.user_shows_30d", log=True),
    _user("user_follows_30d", "numeric", "derived.user_follows_30d", log=True),
    _user("user_searches_30d", "numeric", "derived.user_searches_30d", log=True),
    _user("user_show_streams_30d", "numeric", "derived.user_show_streams_30d", per="candidate", log=True),
    _user("user_show_follows_30d", "numeric", "derived.user_show_follows_30d", per="candidate", log=True),
    _user("user_show_impressions_7d", "numeric", "derived.user_show_impressions_7d", per="candidate", log=True),
    _user("user_genre_affinity", "numeric", "derived.user_genre_affinity", per="candidate"),
    # session and recency
    _user("user_seconds_since_impression", "numeric", "derived.user_seconds_since_impression", log=True),
    _user("user_seconds_since_stream", "numeric", "derived.user_seconds_since_stream", log=True),
    _user("user_impressions_today", "numeric", "derived.user_impressions_today", log=True),
    _user("user_responses_30m", "numeric", "derived.user_responses_30m", log=True),
    _user(
        "user_show_seconds_since_impression",
        "numeric",
        "derived.user_show_seconds_since_impression",
        per="candidate",
        log=True,
    ),
    _user(
        "user_show_seconds_since_stream", "numeric", "derived.user_show_seconds_since_stream", per="candidate", log=True
    ),
    # taste
    Feature(
        name="user_recent_shows",
        group="user",
        kind="hashed_list",
        column="derived.user_recent_shows",
        per="request",
        buckets=_SHOW_BUCKETS,
        shares="show_id",
        length=RECENT_SHOWS,
    ),
    _user("user_show_similarity", "numeric", "derived.user_show_similarity", per="candidate"),
)

_CONTENT = (
    # the show and the episode
    _content("show_id", "hashed", "impressions.show_id", buckets=_SHOW_BUCKETS),
    _content("episode_id", "hashed", "impressions.episode_id", buckets=50_000),
    _content("publisher", "hashed", "shows.publisher", buckets=5_000),
    _content("show_language", "category", "shows.language"),
    _content("genres", "categories", "shows.genres", length=4),
    _content("topics", "categories", "shows.topics", length=8),
    _content("show_age_days", "numeric", "derived.show_age_days", log=True),
    _content("show_hours_30d", "numeric", "derived.show_hours_30d", log=True),
    _content("show_streams_30d", "numeric", "derived.show_streams_30d", log=True),
    _content("show_followers_30d", "numeric", "derived.show_followers_30d", log=True),
    _content("episode_age_hours", "numeric", "derived.episode_age_hours", log=True),
    _content("episode_minutes", "numeric", "derived.episode_minutes", log=True),
)

_CONTEXT = (
    # the moment of the request
    _context("hour", "category", "derived.hour"),
    _context("weekday", "category", "derived.weekday"),
    _context("surface", "category", "impressions.surface"),
    _context("device", "category", "impressions.device"),
    _context("market", "category", "impressions.market"),
    _context("session_position", "numeric", "impressions.session_position"),
)

_CREATIVE = (
    # the ad or promotion itself, and its place
    _creative("slot", "category"),
    _creative("layout", "category"),
    _creative("campaign_id", "hashed"),
    _creative("creative_id", "hashed", source="ad"),
    _creative("creative_format", "category", source="ad"),
)


def built_in_features(domain: Domain, embedding_length: int = EMBEDDING_LENGTH) -> tuple[Feature, ...]:
    """The built-in table: the rows above, with the response history of each source and kind of the domain.

    Args:
        domain: the sources and labels of a run.
        embedding_length: the length of the shows' embeddings.
    """
    return (
        *_USER,
        Feature(
            name="user_taste",
            group="user",
            kind="vector",
            column="derived.user_taste",
            per="request",
            length=embedding_length,
        ),
        *response_features(domain, "user"),
        *_CONTENT,
        _content("show_embedding", "vector", "shows.embedding", length=embedding_length),
        *response_features(domain, "content"),
        *_CONTEXT,
        *_CREATIVE,
        *response_features(domain, "creative"),
    )


FEATURES = built_in_features(DEFAULT_DOMAIN)
"""The built-in table of the default sources and labels."""


def of_groups(features: tuple[Feature, ...], groups: tuple[Group, ...]) -> tuple[Feature, ...]:
    """The features of the named groups, in the table's order."""
    return tuple(feature for feature in features if feature.group in groups)


def of_sources(features: tuple[Feature, ...], sources: tuple[str, ...]) -> tuple[Feature, ...]:
    """The features that are about no source, or about one of `sources`, in the table's order."""
    return tuple(feature for feature in features if feature.source is None or feature.source in sources)
