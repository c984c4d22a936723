"""Version numbers of models from the names of their folders, by TensorFlow Serving's rules; without TensorFlow."""

_LIMIT = 2**63


def version_number(name: str) -> int | None:
    """The version that a folder's name stands for: digits alone, within int64. None for any other name.

    Args:
        name: a folder's name; object stores list them with a slash at the end.
    """
    digits = name.rstrip("/")
    if not (digits.isascii() and digits.isdecimal()) or int(digits) >= _LIMIT:
        return None
    return int(digits)
