"""Writes the model card beside a published model, as JSON and as Markdown."""

import json
from importlib.resources import files

import jinja2

from components.pusher.card_files import CARD_JSON, CARD_MARKDOWN
from files.atomic import write_file
from pipeline.card.card import Card, card_of
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run


def write_card(config: Config, run: Run) -> None:
    """Writes the card into the folder of the version that is this run's model; servers do not read it.

    Raises:
        OSError: the folder cannot be written.
    """
    card = card_of(config, run)
    write_file(f"{run.version}/{CARD_JSON}", json.dumps(card.values, indent=2) + "\n")
    write_file(f"{run.version}/{CARD_MARKDOWN}", markdown(card))


def markdown(card: Card) -> str:
    """The card as Markdown."""
    text = files(__package__).joinpath("card.md.jinja").read_text(encoding="utf-8")
    # No HTML: the text is Markdown.
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    return environment.from_string(text).render(**card.values)
