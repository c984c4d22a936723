"""Finds recipes that a comparison would treat unfairly: equal kinds of encoder with unequal settings."""

from collections.abc import Iterable

from pipeline.configuration.config import Config


def unequal_encoders(config: Config, recipes: Iterable[str]) -> str | None:
    """A sentence that names recipes whose encoders are of the same kind and have other settings; None without any."""
    settings: dict[str, dict[str, list[str]]] = {}
    for name in recipes:
        if name in config.recipes:
            encoder = config.recipes[name].encoder
            settings.setdefault(encoder.kind, {}).setdefault(encoder.model_dump_json(), []).append(name)
    groups = [" / ".join(map(", ".join, by.values())) for by in settings.values() if len(by) > 1]
    if not groups:
        return None
    return (
        f"the config gives recipes with the same kind of encoder other settings ({'; '.join(groups)}), so a part "
        "of their difference may come from these; set them alike in `recipes`"
    )
