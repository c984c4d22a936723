"""From raw logs with the table `decisions` to figures, and what is wrong with logs that cannot give them."""

import csv
from pathlib import Path

import polars as pl
import pytest

from components.ingestion.run import ingest
from experiments.ab.errors import ExperimentError
from experiments.ab.off_policy.candidates import check_decisions, read_candidates, scores_in, with_scores
from experiments.ab.off_policy.command import off_policy
from logs.errors import FileError
from tests.components.ingestion.some_logs import at, impression, interaction, write_some

_AD = {"source": "ad", "spend_micros": 250_000}
_DAY = "date=2026-01-02"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Logs with candidates for three of four ads, and their labelled impressions."""
    folder = tmp_path_factory.mktemp("off-policy")
    shown = ("a1", "a2", "b1", "c1")
    impressions = [impression(name, at(1, hour), user=name[0], **_AD) for hour, name in enumerate(shown)]
    impressions.append(impression("promotion", at(1, 4), user="a"))
    interactions = [interaction("s", at(1, 5), "stream", user="a", impression_id="a2")]
    logs = write_some(folder / "logs", impressions, interactions, last_day=2)
    path = Path(logs, f"impressions/{_DAY}/a.parquet")
    rows = pl.read_parquet(path)
    arms = {"a1": "control", "a2": "control", "b1": "joint", "c1": None, "promotion": None}
    rows.with_columns(arm=rows["impression_id"].replace_strict(arms)).write_parquet(path)
    Path(logs, f"decisions/{_DAY}").mkdir(parents=True)
    _decisions().write_parquet(Path(logs, f"decisions/{_DAY}/a.parquet"))
    ingest(logs, str(folder / "out"), features=())
    return logs, str(folder / "out")


def _decisions() -> pl.DataFrame:
    """Two candidates each; the second has the higher rate, and was shown for a2."""
    names = ["a2", "a2", "a1", "a1", "b1", "b1", "elsewhere", "elsewhere"]
    return pl.DataFrame(
        {
            "impression_id": names,
            "candidate": [1, 0, 0, 1, 0, 1, 0, 1],
            "chosen": [True, False, True, False, True, False, True, False],
            "probability": [0.25, 0.75, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
            "predicted_stream_cold": [0.3, 0.1, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3],
        }
    )


def test_candidates_know_what_became_of_their_impression(folders: tuple[str, str]) -> None:
    candidates = read_candidates(*folders)
    rows = candidates.rows
    assert candidates.unlogged == 1, "c1; a promotion needs no candidates where no promotion has any"
    assert rows.select("impression_id", "candidate", "user_id", "arm", "stream", "chosen").rows() == [
        ("a1", 0, "a", "control", 0, True),
        ("a1", 1, "a", "control", 0, False),
        ("a2", 0, "a", "control", 1, False),
        ("a2", 1, "a", "control", 1, True),
        ("b1", 0, "b", "joint", 0, True),
        ("b1", 1, "b", "joint", 0, False),
    ]
    joint = candidates.of_arm("joint")
    assert (joint.rows["impression_id"].unique().to_list(), joint.unlogged) == (["b1"], 0), "c1 has no arm"
    with pytest.raises(ExperimentError, match="has the arm 'cold'; the arms are: control, joint"):
        candidates.of_arm("cold")


def test_the_command(folders: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs, ingested = folders
    options = {"ingested": ingested, "config": "tiny", "overrides": [f"root={tmp_path}/root"]}
    off_policy(logs, policy="cold", csv=tmp_path / "o.csv", **options)
    printed = capsys.readouterr().out
    assert "cold, from the logs of all arms" in printed
    assert "3 impressions of 2 users; effective sample 1; largest weight 4.0; without support 0.0%" in printed
    assert "! Few events: 1 streams" in printed
    assert "left out: 1 of 4 impressions, since they have no candidates" in printed
    with (tmp_path / "o.csv").open(newline="") as file:
        rows = {(row["metric"], row["estimator"]): row for row in csv.DictReader(file)}
    streams, clicks = [("i2s", name) for name in ("IPS", "SNIPS", "DR")], [("CTR", name) for name in ("IPS", "SNIPS")]
    assert set(rows) == {*streams, *clicks}, "there are no bids, and no predicted clicks"
    assert float(rows["i2s", "IPS"]["estimate"]) == pytest.approx(4 / 3), "the stream of a2 counts 1 / 0.25 times"
    assert float(rows["i2s", "SNIPS"]["estimate"]) == pytest.approx(1.0)
    with pytest.raises(ExperimentError, match=r"no predictions of the model joint .* --scores"):
        off_policy(logs, policy="joint", **options)


def test_scores_of_another_model(folders: tuple[str, str], tmp_path: Path) -> None:
    rows, file = read_candidates(*folders).rows, str(tmp_path / "scores.parquet")
    scores = rows.select("impression_id", "candidate", predicted_stream_new=pl.col("candidate") * 0.1)
    scores.write_parquet(file)
    assert with_scores(rows, scores_in(file), file)["predicted_stream_new"].to_list() == [0.0, 0.1] * 3
    scores.head(5).write_parquet(file)
    with pytest.raises(FileError, match="lacks predictions for 1 of 6 candidates, the first of them candidate 1 of b1"):
        with_scores(rows, scores_in(file), file)
    rows.select("impression_id", "candidate").write_parquet(file)
    with pytest.raises(FileError, match="needs the columns impression_id, candidate, and predicted_stream_NAME"):
        scores_in(file)
    pl.concat([scores, scores.tail(1)]).write_parquet(file)
    with pytest.raises(FileError, match="has two rows for candidate 1 of b1; write each candidate once"):
        scores_in(file)
    scores.with_columns(candidate=pl.lit("second")).write_parquet(file)
    with pytest.raises(FileError, match=r"cannot be used: .*candidate"):
        scores_in(file)
    Path(file).write_text("no table")
    for wrong in (file, str(tmp_path / "none.parquet")):
        with pytest.raises(FileError, match="cannot be read as Parquet"):
            scores_in(wrong)


def test_logs_that_cannot_give_estimates(folders: tuple[str, str], tmp_path: Path) -> None:
    _, ingested = folders
    with pytest.raises(ExperimentError, match="has no table `decisions`: off-policy estimates need the candidates"):
        check_decisions(str(tmp_path))
    file = tmp_path / f"decisions/{_DAY}/a.parquet"
    file.parent.mkdir(parents=True)
    for rows, error, message in (
        (_decisions().drop("probability"), FileError, "lacks the column probability: off-policy estimates need"),
        (_decisions().with_columns(pl.lit("half").alias("probability")), FileError, "cannot be used: .*half"),
        (_decisions().tail(2), ExperimentError, "no row of the table `decisions` .* belongs to a labelled impression"),
    ):
        rows.write_parquet(file)
        with pytest.raises(error, match=message):
            read_candidates(str(tmp_path), ingested)
    file.write_text("no table")
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        read_candidates(str(tmp_path), ingested)
    file.parent.rename(tmp_path / "decisions/date=yesterday")
    with pytest.raises(FileError, match="is in a folder that is no day"):
        check_decisions(str(tmp_path))
