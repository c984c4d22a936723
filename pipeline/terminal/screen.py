"""The screen, and how plain lines get onto it."""

import codecs
import io
import sys
import textwrap
from collections.abc import Iterable
from typing import cast

from rich.console import Console
from rich.markup import escape

_IN_ASCII = {"✓": "+", "✗": "x", "…": "..."}
"""Replacements of characters that the terminal cannot encode; all others become "?"."""

_HANDLER = "coldcast-screen"


def console() -> Console:
    """The screen; a pipe or a file has no width of its own and gets one that fits the tables."""
    encodable()
    screen = Console()
    return screen if screen.is_terminal else Console(width=120)


def say(screen: Console, line: str, *, style: str | None = None) -> None:
    """Prints `line` as it is: paths and commands are not broken, and their brackets are not markup."""
    screen.print(line, style=style, highlight=False, soft_wrap=True, markup=False)


def say_sentence(
    screen: Console, sentence: str, *, first: str = "", others: str = "", style: str | None = None
) -> None:
    """Prints a sentence; a terminal gets it in lines that are broken between words, a pipe or a file in one line.

    Args:
        screen: the screen.
        sentence: of any length; its paths stay whole.
        first: text before the first line.
        others: text before all other lines.
        style: of rich.
    """
    width = screen.width if screen.is_terminal else sys.maxsize
    wrapper = textwrap.TextWrapper(
        width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    for line in wrapper.wrap(sentence):
        say(screen, line, style=style)


def show_warnings(screen: Console, warnings: Iterable[str]) -> None:
    """Prints warnings, a line each: likely faults that stop nothing."""
    for warning in warnings:
        screen.print(f"[yellow]warning:[/] {escape(warning)}", highlight=False, soft_wrap=True)


def encodable() -> None:
    """Makes standard output and standard error replace every character that they cannot encode, instead of raising."""
    codecs.register_error(_HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a test may have put something else there
            stream.reconfigure(errors=_HANDLER)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):  # pytest reads back what it captured, through the same stream
        return cast(tuple[str, int], codecs.replace_errors(error))
    characters = error.object[error.start : error.end]
    return "".join(map(_in_ascii, characters)), error.end


def _in_ascii(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # Python's stand-in for a byte of a file name that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return _IN_ASCII.get(character, "?")
