"""A guard of the config may not apply to the models; one of the command line must."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from pipeline.command_line.compare import compare
from pipeline.comparison.models import ScoredModel
from pipeline.comparison.rows import Compared
from pipeline.errors import RunsError
from pipeline.metadata.records import Run

_ROW = PairedRow("stream", AP, {"source": "ad"}, ("ad",), ("stream",), ("stream",), 100, 50, 40, judged=True)


@pytest.fixture
def overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("pipeline.comparison.models.find_model", lambda _config, name: name)
    monkeypatch.setattr(
        "pipeline.comparison.rows.compared_with", lambda first, others: [Compared(others[0], first, (_ROW,))]
    )
    return [f"root={tmp_path}", 'compare.guards=["click"]']


def test_a_guard_of_the_config_without_a_row_ends_nothing(overrides: list[str], capsys: pytest.CaptureFixture[str]):
    compare(["a", "b"], config="tiny", overrides=overrides)
    shown = " ".join(capsys.readouterr().out.split())
    assert "guard click:overall:ap of compare.guards: not judged (the models share no label 'click'" in shown


def test_a_model_beside_itself_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """`published newest` names one model twice if the newest run published its model."""
    monkeypatch.setattr("pipeline.comparison.rows.compare", lambda *_: (_ROW,))
    run = Run("r", datetime(2026, 1, 1, tzinfo=timezone.utc), (), ended=True)
    uris = {"published": "model/1", "newest": "model/1", "2026": "model/2"}
    monkeypatch.setattr(
        "pipeline.comparison.models.find_model", lambda _, name: ScoredModel(run, name, None, uris[name])
    )
    for models, warned in ((["published", "newest"], True), (["2026", "newest"], False)):
        compare(models, page=tmp_path / "page.html", config="tiny", overrides=[f"root={tmp_path}"])
        shown = " ".join(capsys.readouterr().out.split())
        assert ("warning: both are the same trained model" in shown) == warned
        page = (tmp_path / "page.html").read_text()
        assert ("<p>r/newest and r/published: both are the same trained model" in page) == warned


def test_a_label_that_the_models_do_not_share_is_an_error(overrides: list[str]):
    for label in ("click", ""):
        with pytest.raises(RunsError, match=f"^--label {label}: the models do not both predict it"):
            compare(["a", "b"], label=label, config="tiny", overrides=overrides)


def test_a_guard_of_the_command_line_without_a_row_is_an_error(overrides: list[str]):
    with pytest.raises(RunsError, match=r"^--guard click:overall:ap: the models share no label 'click'; both predict"):
        compare(["a", "b"], guards=["click"], config="tiny", overrides=overrides)
