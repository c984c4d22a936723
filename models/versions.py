"""Which folder names are versions of a model, as TensorFlow Serving reads them; a module without TensorFlow."""

_LIMIT = 2**63


def version_number(name: str) -> int | None:
    """The version that a folder of this name is, None for any other: digits alone, within int64.

    Args:
        name: a folder's name; object stores list them with a slash at the end.
    """
    digits = name.rstrip("/")
    if not (digits.isascii() and digits.isdecimal()) or int(digits) >= _LIMIT:
        return None
    return int(digits)
