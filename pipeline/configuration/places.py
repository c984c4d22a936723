"""Where a config has its files."""


def default_places(name: str, root: str | None) -> dict[str, str]:
    """Where a config of this name has its files if it does not say."""
    own = f"work/{name}"
    return {"root": own, "logs": f"{root or own}/logs"}
