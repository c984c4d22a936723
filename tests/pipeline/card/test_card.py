"""A card says when its own model was trained, and which head is not judged where."""

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from components.evaluation.results import Evaluation, SliceFigure
from pipeline.card import card
from pipeline.card.card import card_of
from pipeline.card.write import markdown
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.metadata.records import PUSHER, Node, Output, Run


def _figure(head: str, positives: int, keys: dict[str, str | int]) -> SliceFigure:
    return SliceFigure(
        ap=0.25,
        low=0.2,
        high=0.3,
        positives=positives,
        examples=600,
        base_rate=positives / 600,
        exact=True,
        broken=0,
        judged=positives >= 20,
        model="candidate",
        head=head,
        label=head,
        keys=keys,
    )


def _run(hour: int, state: str, tmp_path: Path, branch: str = "joint") -> Run:
    """A run that began at this hour, and whose training began half an hour later."""
    trained = {"model": (Output("model/1", {}),), "model_run": (Output(str(tmp_path), {}),)}
    pushed = Output("pushed", {"pushed_destination": "/models/coldcast/17/"})
    nodes = (
        Node(f"Trainer.{branch}", state, 1.0, trained, datetime(2026, 1, 1, hour, 30, tzinfo=timezone.utc)),
        Node(f"Evaluator.{branch}", state, 1.0, {"evaluation": (Output("evaluation", {}),)}),
        Node(PUSHER, "complete", 1.0, {"pushed_model": (pushed,)}),
    )
    return Run(f"run-{hour}", datetime(2026, 1, 1, hour, tzinfo=timezone.utc), nodes, ended=True)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Its runs began at 8 and at 9, and the second one had nothing to train."""
    figures = (
        _figure("ad_stream", 500, {"source": "ad"}),
        _figure("follow", 3, {"source": "ad"}),
        _figure("follow", 0, {"source": "ad", "stream_tier": 7}),
        _figure("like", 2, {}),
    )
    monkeypatch.setattr(card, "load", lambda _: Evaluation((), ("promotion", "ad"), figures))
    runs = [_run(8, "complete", tmp_path), _run(9, "cached", tmp_path)]
    monkeypatch.setattr(card, "list_runs", lambda _: runs)
    (tmp_path / "training.json").write_text(json.dumps({"started_from": None}))
    return load_config(None, [f"root={tmp_path}", "recipe=joint"])


def test_a_later_run_without_training_does_not_change_when_the_model_was_trained(config: Config, tmp_path: Path):
    assert card_of(config, _run(9, "cached", tmp_path)).values["trained"] == "2026-01-01 08:30 UTC"


def test_the_limits_name_the_head_that_cannot_be_judged(config: Config, tmp_path: Path):
    limits = card_of(config, _run(8, "complete", tmp_path)).values["limits"]
    assert [limit for limit in limits if "judged" in limit] == [
        "follow is not judged on slices with fewer than 20 positives: source=ad; source=ad, stream_tier=7.",
        "like is not judged on slices with fewer than 20 positives: overall.",
    ]


def test_a_model_that_started_from_another_one_may_have_learned_from_its_rows(tmp_path: Path, config: Config):
    (tmp_path / "training.json").write_text(json.dumps({"started_from": {"copied": []}}))
    config = load_config(None, [f"root={tmp_path}", "recipe=promotions_only", "baseline=null"])
    made = card_of(config, _run(8, "complete", tmp_path, "promotions_only"))
    assert (
        "It has no training rows of ad, except those of the model whose weights it started from."
        in made.values["limits"]
    )
    assert "by the recipe `promotions_only`, from an earlier model's weights." in markdown(made)
