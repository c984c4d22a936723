"""Commands about a pushed model: serve it, ask it."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, as_typed
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say

_PANEL = "Serving"


def register(app: typer.Typer) -> None:
    """Adds this module's commands to `app`."""
    app.command("serve", rich_help_panel=_PANEL)(serve)
    app.command("score", rich_help_panel=_PANEL)(score)


def serve(
    config: ConfigFile = DEFAULT_CONFIG,
    models: Annotated[
        str | None, typer.Option(help="Folder of model versions; the config's pushed models without it.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Serve the pushed model over gRPC with TensorFlow Serving's API until Ctrl-C; new versions are swapped in live."""
    from pipeline.configuration.file import load_config

    loaded = load_config(config, overrides or [])
    screen = console()
    loading = screen.status(f"loading {models or loaded.models}")
    with quiet.into(quiet.writable(loaded.messages / "serve.log")) as log:
        try:
            loading.start()
            from serving.server import Server
            from serving.server import serve as serve_until_stopped

            def started(server: Server) -> None:
                loading.stop()
                name = loaded.serving.model_name
                say(screen, f"serving {name} version {server.version} on {server.config.address}; Ctrl-C stops it")
                say(screen, f"swaps are told here, everything else in {log}")

            serve_until_stopped(loaded.serving, models or loaded.models, started, lambda told: say(screen, told))
        finally:
            loading.stop()


def score(
    config: ConfigFile = DEFAULT_CONFIG,
    request: Annotated[
        Path | None, typer.Option(help="JSON file with `request` and `candidates`; a sample user without it.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the sample request to this JSON file, to edit and send.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Score candidates for one user on a running server (start one with `coldcast serve`)."""
    from pipeline.configuration.file import load_config

    loaded = load_config(config, overrides or [])
    screen = console()
    with quiet.into(quiet.writable(loaded.messages / "score.log")):
        from pipeline.sample import load_request, sample_request, save_request, score_and_show
        from serving.client import Client

        given = load_request(request) if request else None
        with Client(loaded.serving, features=loaded.features.table()) as client:
            with screen.status("sampling a user of the newest run"):
                chosen = given or sample_request(loaded, client)
            if save is not None:
                typed = as_typed(config, overrides or [])
                save_request(chosen, save)
                say(screen, f"wrote {save}; edit it and send it with: coldcast score {typed} --request {save}")
            score_and_show(chosen, client, screen)
