"""Options of the commands: those that hold several values, and those that name a system."""

from collections.abc import Sequence

from experiments.systems.errors import SystemsError
from experiments.systems.system import System


def words(option: str, text: str | None, example: str) -> list[str]:
    """The words of `joint,ads_stream_anc`; empty for None, which stands for an option that was not given.

    Raises:
        SystemsError: the text holds no word. A script whose variable is empty must not get the default.
    """
    if text is None:
        return []
    chosen = [word.strip() for word in text.split(",") if word.strip()]
    if not chosen:
        raise SystemsError(f"{option} {text!r}: the list is empty; name one or more with commas, such as {example}")
    return chosen


def whole_numbers(option: str, text: str | None) -> list[int]:
    """The numbers of `7,8`; empty for None.

    Raises:
        SystemsError: the text has another form, or holds no number.
    """
    try:
        return [int(word) for word in words(option, text, "7,8")]
    except ValueError:
        raise SystemsError(f"{option} {text}: write whole numbers with commas, such as 7,8") from None


def numbers(option: str, text: str) -> list[float]:
    """The numbers of `0.5,4`.

    Raises:
        SystemsError: the text has another form, or holds no number.
    """
    try:
        return [float(word) for word in words(option, text, "1,4")]
    except ValueError:
        raise SystemsError(f"{option} {text}: write numbers with commas, such as 1,4") from None


def pairs(text: str) -> list[tuple[float, float]]:
    """The correlations of `--correlations 0.4/0.3,0.8/0.6`.

    Raises:
        SystemsError: the text has another form, or holds no pair.
    """
    correlations = []
    for word in words("--correlations", text, "0.8/0.6"):
        show, _, user = word.partition("/")
        try:
            correlations.append((float(show), float(user)))
        except ValueError:
            raise SystemsError(f"--correlations {word}: write SHOW/USER, such as 0.8/0.6") from None
    return correlations


def system_named(option: str, name: str, systems: Sequence[System]) -> System:
    """The system of this name.

    Raises:
        SystemsError: there is none.
    """
    by_name = {system.name: system for system in systems}
    if name not in by_name:
        raise SystemsError(f"{option} {name}: there is no such system; valid names are {', '.join(by_name)}")
    return by_name[name]
