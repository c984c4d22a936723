"""Rules about the folders that users name."""

_PATTERN = "*?[\\"
"""What Beam and TensorFlow read as a pattern wherever they list files, even in the name of a folder."""


def is_local(path: str) -> bool:
    """Whether `path` is on a disk of this machine."""
    return "://" not in path


def pattern_problem(path: str) -> str | None:
    """What is wrong with `path` as a folder to write in, if it would be read as a pattern that others fit, too."""
    found = next((character for character in path if character in _PATTERN), None)
    return found and f"a folder with {found} in its name is read as a pattern of several; name one without"
