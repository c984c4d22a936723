"""Coefficients of the logistic responses, as data."""

Four = tuple[float, float, float, float]
"""Coefficients for stream, click, like and follow."""

TERMS: dict[str, tuple[Four, Four]] = {
    "affinity": ((0.85, 0.60, 0.70, 0.80), (0.75, 0.50, 0.60, 0.70)),
    "quality": ((0.50, 0.25, 0.60, 0.50), (0.50, 0.25, 0.60, 0.50)),
    "other_language": ((-1.6, -1.0, -1.6, -1.6), (-1.6, -1.0, -1.6, -1.6)),
    "openness": ((0.60, 0.70, 0.50, 0.50), (0.60, 0.70, 0.50, 0.50)),
    "familiar": ((0.9, 0.3, 0.3, -1.5), (0.7, 0.3, 0.3, -1.5)),
    "fatigue": ((-0.30, -0.40, -0.20, -0.20), (-0.30, -0.40, -0.20, -0.20)),
    "position": ((-0.10, -0.15, 0.0, 0.0), (-0.10, -0.15, 0.0, 0.0)),
    "evening": ((0.25, 0.15, 0.10, 0.10), (0.25, 0.15, 0.10, 0.10)),
    "creative_quality": ((0.0, 0.0, 0.0, 0.0), (0.40, 0.60, 0.10, 0.15)),
    "attention": ((0.5, 0.5, 0.5, 0.5), (0.5, 0.5, 0.5, 0.5)),
}
"""Coefficients of each term, on promotions and on ads."""

DEVICE_EFFECTS: dict[str, Four] = {
    "android": (0.0, 0.0, 0.0, 0.0),
    "ios": (0.1, 0.05, 0.1, 0.1),
    "desktop": (-0.1, 0.3, 0.1, 0.1),
    "speaker": (0.1, -1.5, -1.5, -1.5),
    "tv": (-0.4, -0.6, -0.6, -0.6),
}
AFTER_STREAM = 2.0
"""A stream adds this to the logits of like and follow."""

RATES: tuple[Four, Four] = ((0.05, 0.08, 0.008, 0.010), (0.005, 0.010, 0.0005, 0.0008))
"""Mean probability of each outcome on promotions and on ads. The intercepts are set to give these rates."""
