"""Commands about a published model: serve it, send it requests."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, in_home
from pipeline.terminal import quiet
from pipeline.terminal.commands import as_typed
from pipeline.terminal.screen import console, say

_PANEL = "Serving"


def register(app: typer.Typer) -> None:
    """Adds this module's commands to `app`."""
    app.command("serve", rich_help_panel=_PANEL)(serve)
    app.command("score", rich_help_panel=_PANEL)(score)


def serve(
    config: ConfigFile = DEFAULT_CONFIG,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            callback=in_home,
            help="Folder of model versions. Default: the published models of the config.",
        ),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Serve the newest published model until you press Ctrl-C. New versions load without a restart."""
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
                say(screen, f"new versions are reported here, everything else goes to {log}")

            serve_until_stopped(loaded.serving, models or loaded.models, started, lambda message: say(screen, message))
        finally:
            loading.stop()


def score(
    config: ConfigFile = DEFAULT_CONFIG,
    request: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=in_home,
            help="JSON file with `request` and `candidates`. Default: a listener of the newest run's test days.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=in_home,
            help="JSON file to write the request to, so that you can edit it and send it again.",
        ),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Score candidates for one listener on a running server. `coldcast serve` starts one."""
    from pipeline.configuration.file import load_config

    loaded = load_config(config, overrides or [])
    screen = console()
    with quiet.into(quiet.writable(loaded.messages / "score.log")):
        from pipeline.sample import sample_request, score_and_show
        from serving.client import Client, load_request, save_request

        from_file = load_request(request) if request else None
        with Client(loaded.serving, features=loaded.feature_table) as client:
            with screen.status("sampling a user of the newest run"):
                chosen = from_file or sample_request(loaded, client)
            if save is not None:
                options = as_typed(config, overrides or [])
                save_request(chosen, save)
                say(screen, f"wrote {save}; edit it and send it with: coldcast score {options} --request {save}")
            score_and_show(loaded, chosen, client, screen)
