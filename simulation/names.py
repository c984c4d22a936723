"""The closed vocabularies of the world: sources, outcomes, markets, ages, devices, genres with their topics."""

from dataclasses import dataclass

from transforms.domain import DEFAULT_LABELS, DEFAULT_SOURCES, SEARCH

SOURCES = DEFAULT_SOURCES
OUTCOMES = tuple(DEFAULT_LABELS)
"""Outcomes of an impression: stream, click, like, follow. The world has these whatever labels a config declares."""

KINDS = (*OUTCOMES, SEARCH)
"""Kinds of interactions that the world writes."""

LANGUAGES = ("en", "es", "de", "pt", "sv")


@dataclass(frozen=True)
class Market:
    """One market.

    Attributes:
        name: its code.
        share: its share of the users (the shares are normalised).
        utc_offset: hours that local time is ahead of UTC.
        languages: share of its users by language.
    """

    name: str
    share: float
    utc_offset: int
    languages: dict[str, float]


MARKETS = (
    Market("US", 0.34, -6, {"en": 0.87, "es": 0.13}),
    Market("GB", 0.12, 0, {"en": 1.0}),
    Market("CA", 0.06, -5, {"en": 1.0}),
    Market("BR", 0.12, -3, {"pt": 1.0}),
    Market("MX", 0.11, -6, {"es": 0.95, "en": 0.05}),
    Market("DE", 0.11, 1, {"de": 0.85, "en": 0.15}),
    Market("ES", 0.08, 1, {"es": 0.95, "en": 0.05}),
    Market("SE", 0.06, 1, {"sv": 0.65, "en": 0.35}),
)

AGES = {"18-24": 0.22, "25-34": 0.31, "35-44": 0.22, "45-54": 0.14, "55+": 0.11}
DEVICES = {"android": 0.38, "ios": 0.36, "desktop": 0.13, "speaker": 0.08, "tv": 0.05}
FREE_SHARE = 0.6
"""Share of users on the free product; only they see ads."""

SHOW_LANGUAGES = {"en": 0.52, "es": 0.18, "de": 0.11, "pt": 0.12, "sv": 0.07}

GENRES = {
    "comedy": ("stand_up", "improv", "satire"),
    "news": ("politics", "world_affairs", "daily_briefing"),
    "true_crime": ("cold_cases", "court", "heists"),
    "sports": ("football", "basketball", "cycling"),
    "business": ("startups", "investing", "careers"),
    "technology": ("software", "gadgets", "artificial_intelligence"),
    "science": ("space", "biology", "climate"),
    "health": ("fitness", "nutrition", "mental_health"),
    "history": ("ancient", "wars", "biographies"),
    "arts": ("books", "film", "music_history"),
    "society": ("relationships", "parenting", "philosophy"),
    "fiction": ("drama", "horror", "fantasy"),
}

TOPICS = tuple(topic for topics in GENRES.values() for topic in topics)
GENRE_OF = tuple(genre for genre, topics in GENRES.items() for _ in topics)
"""The genre of each topic."""
