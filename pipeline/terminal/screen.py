"""The screen, and how plain lines get onto it."""

from rich.console import Console


def console() -> Console:
    """The screen; a pipe or a file has no width of its own and gets one that the tables fit."""
    screen = Console()
    return screen if screen.is_terminal else Console(width=120)


def say(screen: Console, line: str) -> None:
    """Prints `line` as it is: paths and commands are not broken, and their brackets are no markup."""
    screen.print(line, highlight=False, soft_wrap=True, markup=False)
