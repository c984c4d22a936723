"""Options of the commands: those that hold several values, and those that name a system."""

import math
from collections.abc import Sequence

from experiments.systems.errors import SystemsError
from experiments.systems.system import System


def words(option: str, text: str | None, example: str) -> list[str]:
    """The words of `joint,ads_stream_anc`, each once; empty for None, which stands for an option that was not given.

    Raises:
        SystemsError: the text holds no word. A script whose variable is empty must not get the default.
    """
    if text is None:
        return []
    chosen = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if not chosen:
        raise SystemsError(f"{option} {text!r}: the list is empty; name one or more with commas, such as {example}")
    return chosen


def whole_numbers(option: str, text: str | None) -> list[int]:
    """The numbers of `7,8`, each once; empty for None.

    Raises:
        SystemsError: the text has another form, or holds no number.
    """
    try:
        return list(dict.fromkeys(int(word) for word in words(option, text, "7,8")))
    except ValueError:
        raise SystemsError(f"{option} {text}: write whole numbers with commas, such as 7,8") from None


def numbers(option: str, text: str) -> list[float]:
    """The numbers of `0.5,4`, each once.

    Raises:
        SystemsError: the text has another form, or holds no number or one that is not finite.
    """
    try:
        values = list(dict.fromkeys(float(word) for word in words(option, text, "1,4")))
    except ValueError:
        values = [math.nan]
    if not all(map(math.isfinite, values)):
        raise SystemsError(f"{option} {text}: write numbers with commas, such as 1,4")
    return values


def pairs(text: str) -> list[tuple[float, float]]:
    """The correlations of `--correlations 0.4/0.3,0.8/0.6`, each pair once.

    Raises:
        SystemsError: the text has another form, or holds no pair or a number out of range.
    """
    correlations: dict[tuple[float, float], None] = {}
    for word in words("--correlations", text, "0.8/0.6"):
        show, _, user = word.partition("/")
        try:
            pair = float(show), float(user)
        except ValueError:
            raise SystemsError(f"--correlations {word}: write SHOW/USER, such as 0.8/0.6") from None
        if not all(-1.0 <= value <= 1.0 for value in pair):  # real logs have no section that would check it
            raise SystemsError(f"--correlations {word}: a correlation is from -1 to 1, such as 0.8/0.6")
        correlations[pair] = None
    return list(correlations)


def system_named(option: str, name: str, systems: Sequence[System]) -> System:
    """The system of this name.

    Raises:
        SystemsError: there is none.
    """
    by_name = {system.name: system for system in systems}
    if name not in by_name:
        raise SystemsError(f"{option} {name}: there is no such system; valid names are {', '.join(by_name)}")
    return by_name[name]
