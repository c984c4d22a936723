"""The command line `coldcast`. Nothing here imports TensorFlow before a command needs it."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.command_line import compare, finetune, logs, models, report, runs, settings, tune
from pipeline.terminal import quiet, scratch
from pipeline.terminal.screen import encodable
from pipeline.terminal.sentences import interrupted, sentence_of

_INTERRUPTED = 130
"""The exit code that typer gives on Ctrl-C."""
_RESUME = ". Finished nodes are kept. Run the same command again to go on."

app = typer.Typer(
    help="Learn one multi-task model for podcast ads and promotions from raw logs, judge it, and serve it.\n\n"
    "Start with: coldcast simulate, coldcast run, coldcast serve, coldcast score.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"coldcast {version('coldcast')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


logs.register(app)
runs.register(app)
compare.register(app)
report.register(app)
finetune.register(app)
tune.register(app)
models.register(app)
settings.register(app)


def main() -> None:
    """Runs the command line. A user's error is one sentence; a bug keeps its traceback.

    `os._exit` ends the process, since TensorFlow's clean-up at the interpreter's exit prints tracebacks.
    """
    quiet.before_imports()
    encodable()
    code: object = 0
    try:
        with scratch.own_folder():
            app(standalone_mode=True)
    except SystemExit as exit_:
        code = exit_.code
    except Exception as error:
        code = _INTERRUPTED if interrupted(error) else 1
        if sentence := sentence_of(error):
            _print_error(sentence)
        elif code != _INTERRUPTED:
            Console(stderr=True).print_exception()
    if code == _INTERRUPTED:
        resume = _RESUME if sys.argv[1:2] in (["run"], ["tune"], ["experiment"]) else ""
        Console(stderr=True).print(f"interrupted{resume}", soft_wrap=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _print_error(sentence: str) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[bold red]Error:[/] {escape(sentence)}", highlight=False)


if __name__ == "__main__":
    main()
