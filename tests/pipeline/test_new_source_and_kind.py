"""A third source and another interaction kind, from a config alone: blessed, pushed, and scored (SPEC 3.1)."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from components.evaluation.results import load
from models.signatures import CANDIDATES
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.metadata.records import Run
from pipeline.runs import find_run
from tests.pipeline.save_and_email_logs import write_save_and_email_logs
from tests.pipeline.whole_runs import coldcast

pytestmark = pytest.mark.slow
CONFIG = Path(__file__).resolve().parents[2] / "configs" / "examples" / "save_and_email.yaml"
HEADS = ["promotion_stream", "ad_stream", "email_stream", "click", "like", "follow", "save"]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("save_and_email")
    write_save_and_email_logs(folder / "logs")
    values = [f"logs={folder}/logs", f"root={folder}/root", "trainer.epochs=3"]
    return ["-c", str(CONFIG), *(part for value in values for part in ("--set", value))]


@pytest.fixture(scope="module")
def config(options: list[str]) -> Config:
    return load_config(CONFIG, options[3::2])


@pytest.fixture(scope="module")
def output(options: list[str]) -> str:
    return coldcast("run", *options)


@pytest.fixture(scope="module")
def run(config: Config, output: str) -> Run:
    return find_run(config)


def test_the_logs_are_in_order(options: list[str]):
    assert "These logs can be ingested." in coldcast("check-logs", *options)


def test_the_model_is_blessed_pushed_and_scored(output: str, run: Run, config: Config):
    assert run.state == "complete"
    assert "joint_with_email: blessed" in output
    assert run.published
    assert Path(run.version).parent == Path(config.models)
    assert re.search(r"The \d+ best of \d+ candidates for one user by promotion_stream", output)


def test_the_new_heads_are_judged_on_their_sources_only(run: Run):
    (uri,) = run.outputs("Evaluator.joint_with_email", "evaluation")
    evaluation = load(uri)

    def sources(head: str) -> list[str]:
        return [source for source in evaluation.sources if evaluation.figure(head, {"source": source}).examples]

    assert sources("email_stream") == ["email"]
    assert sources("save") == ["promotion", "email"]
    assert sources("promotion_stream") == ["promotion"]
    assert sources("ad_stream") == ["ad"]
    saves = evaluation.figure("save", {"source": "email"})
    assert saves.judged
    assert saves.ap > 1.5 * saves.base_rate


def test_the_built_in_recipe_is_not_widened(run: Run, config: Config):
    joint, _ = config.branches_to_run
    assert joint.recipe.trained_on == ("promotion", "ad")
    assert {source for head in joint.recipe.heads for source in joint.recipe.sources_of(head)} == {"promotion", "ad"}


def test_the_served_model_takes_the_new_feature_and_gives_the_new_heads(run: Run, config: Config):
    from serving.client import Client
    from serving.server import Server

    serving = config.serving.model_copy(update={"port": 0})
    with Server(serving, config.models) as server, Client(server.config, features=config.feature_table) as client:
        signature = client.metadata().signatures[CANDIDATES]
    assert {"user_saves_30d", "user_show_saves_30d"} <= set(signature.inputs)
    assert set(signature.outputs) == set(HEADS)


def test_no_row_is_quarantined_and_each_source_has_labels_and_history(options: list[str], tmp_path: Path):
    coldcast("ingest", *options, "--out", f"{tmp_path}/out")
    accounting = json.loads((tmp_path / "out" / "accounting.json").read_text())
    assert accounting["impressions"]["quarantined"] == accounting["interactions"]["quarantined"] == 0
    rows = pl.read_parquet(tmp_path / "out" / "labelled" / "*.parquet")
    by_source = dict(rows.group_by("source").agg(pl.col("save").sum()).iter_rows())
    assert set(by_source) == {"promotion", "ad", "email"}
    assert all(saves > 50 for saves in by_source.values())
    assert rows["user_saves_30d"].max() > rows["user_show_saves_30d"].max() > 0
