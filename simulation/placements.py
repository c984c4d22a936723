"""The placements of promotions and ads: how often each is used, and how it changes the response."""

from dataclasses import dataclass

FORMATS = ("audio", "video", "display")


@dataclass(frozen=True)
class Placement:
    """A place on the screen, or in the audio, where a promotion or an ad is shown.

    Attributes:
        source, surface, slot, layout: values in the logs.
        share: its share among the placements of its source (for ads: of its format).
        effects: added to the logits of stream, click, like, and follow.
        creative_format: ads only.
    """

    source: str
    surface: str
    slot: str
    layout: str
    share: float
    effects: tuple[float, float, float, float]
    creative_format: str | None = None


PLACEMENTS = (
    Placement("promotion", "home", "hero", "banner", 0.12, (0.5, 0.5, 0.1, 0.1)),
    Placement("promotion", "home", "shelf", "card", 0.38, (0.0, 0.0, 0.0, 0.0)),
    Placement("promotion", "home", "shelf", "carousel", 0.15, (-0.3, -0.2, 0.0, 0.0)),
    Placement("promotion", "browse", "shelf", "card", 0.20, (0.1, 0.2, 0.0, 0.0)),
    Placement("promotion", "search", "list", "row", 0.10, (0.5, 0.4, 0.1, 0.2)),
    Placement("promotion", "now_playing", "end_screen", "card", 0.05, (0.4, 0.2, 0.0, 0.1)),
    Placement("ad", "now_playing", "midroll", "audio_companion", 0.70, (0.1, -0.5, -0.2, -0.1), "audio"),
    Placement("ad", "now_playing", "preroll", "audio_companion", 0.30, (0.2, -0.4, -0.2, -0.1), "audio"),
    Placement("ad", "now_playing", "takeover", "fullscreen", 0.45, (0.4, 0.5, 0.2, 0.2), "video"),
    Placement("ad", "home", "feed", "card", 0.55, (0.2, 0.3, 0.1, 0.1), "video"),
    Placement("ad", "home", "leaderboard", "banner", 0.60, (-0.2, 0.2, 0.0, 0.0), "display"),
    Placement("ad", "browse", "overlay", "banner", 0.40, (-0.4, 0.3, -0.2, -0.2), "display"),
)
