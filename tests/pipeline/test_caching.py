"""What changes a result changes the cache key of the stages that make it, and of no other.

TFX runs a stage again when its own parameters change, or an input, which an earlier stage made anew. So the stages that
an edit re-runs are those whose parameters it changes, and all below them. test_run.py sees the same in real runs.
"""

import shutil
from pathlib import Path

import pytest

from components import code_hash
from pipeline.configuration.config import Config
from simulation.config import SimulationConfig
from simulation.simulate import simulate
from transforms.features import FEATURES

PACKAGES = ("components", "models", "transforms")
INGESTION = {"Ingestion", "QuarantineGate", "TemporalSplit"}
VALIDATION = {
    "ColumnarStatisticsGen",
    "ExampleValidator",
    "DistributionValidator.drift",
    "DistributionValidator.train_test",
    "AnomalyGate",
}
TRANSFORM = {"Transform"}
TRAINING = {"Trainer.joint", "Trainer.promotions_only"}
EVALUATION = {"Evaluator.joint", "Evaluator.promotions_only"}
PUSH = {"AtomicPusher"}
MODELS = TRAINING | EVALUATION | PUSH


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    logs = tmp_path_factory.mktemp("world") / "logs"
    simulate(SimulationConfig(preset="tiny", users=50, shows=50, days=2, warmup_days=1, impressions=200), logs, seed=1)
    return logs


@pytest.fixture
def place(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the logs and of our code, both free to edit."""
    root = Path(code_hash.__file__).parent.parent
    for package in PACKAGES:
        shutil.copytree(root / package, tmp_path / "code" / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(world, tmp_path / "logs")
    monkeypatch.setattr(code_hash, "ROOT", tmp_path / "code")
    return tmp_path


Keys = tuple[dict[str, str], dict[str, set[str]]]


def keys_of(config: Config) -> Keys:
    """Each stage's own parameters, and the stages that it follows on, in the order of the pipeline."""
    from tfx.dsl.components.common.resolver import Resolver

    from pipeline.pipeline import create_pipeline

    def parameters(node) -> dict:  # but for the pusher's nonce: it always looks, and pushes a model once
        return {name: value for name, value in node.exec_properties.items() if name != "asked"}

    nodes = [node for node in create_pipeline(config).components if not isinstance(node, Resolver)]
    upstream = {node.id: {one.id for one in node.upstream_nodes if not isinstance(one, Resolver)} for node in nodes}
    return {node.id: repr(sorted(key.items())) for node in nodes if (key := parameters(node))}, upstream


def reruns(before: Keys, after: Keys) -> set[str]:
    """The stages that run again where `before` became `after`."""
    was, _ = before
    now, upstream = after
    again: set[str] = set()
    for node in now:  # in the order of the pipeline, which is topological
        inputs = upstream[node] - {"QuarantineGate", "AnomalyGate"}  # nothing is read from a gate
        if was.get(node) != now[node] or inputs & again:
            again.add(node)
    return again


def config_of(place: Path, **changes: object) -> Config:
    return Config.model_validate({"name": "c", "logs": str(place / "logs"), "root": str(place / "root")} | changes)


def append(path: Path, text: str) -> None:
    path.write_text(f"{path.read_text()}\n{text}\n")


@pytest.mark.parametrize(
    ("edited", "again"),
    [
        ("components/ingestion/compute/history.py", INGESTION | VALIDATION | TRANSFORM | MODELS),
        ("components/split/component.py", {"TemporalSplit"} | VALIDATION | TRANSFORM | MODELS),
        ("components/validation/reading.py", VALIDATION),
        ("transforms/preprocessing.py", TRANSFORM | MODELS),
        ("models/training/losses.py", MODELS),
        ("models/export/savedmodel.py", MODELS),
        ("models/tasks.py", MODELS),
        ("transforms/features.py", TRANSFORM | MODELS),
        ("components/evaluation/curve.py", EVALUATION | PUSH),
        ("components/ingestion/run.py", set()),  # for `coldcast ingest` alone
        ("logs/adapters/kuairand.py", set()),
    ],
)
def test_an_edit_of_code_reruns_what_it_makes(place: Path, edited: str, again: set[str]):
    before = keys_of(config_of(place))
    append(place / "code" / edited, "# a comment")
    assert reruns(before, keys_of(config_of(place))) == set()
    append(place / "code" / edited, "EDITED = 1")
    assert reruns(before, keys_of(config_of(place))) == again


TABLE_BUCKETS = next(feature.buckets for feature in FEATURES if feature.name == "show_id")


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({}, set()),
        ({"ingestion": {"windows_hours": {"stream": 12}}}, INGESTION | VALIDATION | TRANSFORM | MODELS),
        ({"ingestion": {"max_quarantined_fraction": 0.5}}, {"QuarantineGate"}),
        ({"split": {"test_days": 1}}, {"TemporalSplit"} | VALIDATION | TRANSFORM | MODELS),
        ({"validation": {"drift": {"category": 0.9}}}, {"DistributionValidator.drift", "AnomalyGate"}),
        ({"validation": {"drift": {"missing": 0.9}}}, {"AnomalyGate"}),
        ({"features": {"vocabulary_min_count": 2}}, TRANSFORM | MODELS),
        ({"features": {"buckets": {"show_id": 5000}}}, TRANSFORM | MODELS),
        ({"features": {"buckets": {"show_id": TABLE_BUCKETS}}}, set()),
        ({"features": {"groups": ["user", "content"]}}, MODELS),
        ({"features": {"groups": ["creative", "user", "context", "content"]}}, set()),  # their order chooses nothing
        ({"trainer": {"learning_rate": 0.01}}, MODELS),
        ({"trainer": {"loss_weights": {"click": 1.0}}}, set()),  # as it is without
        ({"trainer": {"loss_weights": {"ad_stream": 2.0}}}, {"Trainer.joint", "Evaluator.joint"} | PUSH),
        ({"model": {"embedding_dim": 4}}, MODELS),
        ({"seed": 8}, MODELS),
        ({"evaluator": {"min_positives": 3}}, EVALUATION | PUSH),
        ({"serving": {"port": 9999}}, set()),
        ({"simulation": {"preset": "large"}}, set()),  # the logs' bytes are in the key, not how they were made
        ({"beam": {"args": ["--runner=DirectRunner"]}}, set()),  # TFX adds them to every key itself
        ({"baseline": None}, set()),
        ({"pusher": {"enabled": False}}, EVALUATION),  # whose blessings are those of a trial
    ],
)
def test_a_config_value_reruns_what_it_changes(place: Path, changes: dict, again: set[str]):
    before = keys_of(config_of(place))
    assert reruns(before, keys_of(config_of(place, **changes))) == again


def test_the_same_root_spelled_otherwise_reruns_nothing(place: Path, monkeypatch: pytest.MonkeyPatch):
    before = keys_of(config_of(place))
    monkeypatch.chdir(place)
    for root in ("root", "./root/", f"{place}/../{place.name}/root"):
        assert reruns(before, keys_of(config_of(place, root=root, logs="./logs"))) == set()


def test_touching_a_log_file_reruns_nothing_and_adding_one_everything(place: Path):
    before = keys_of(config_of(place))
    file = next((place / "logs" / "impressions").rglob("*.parquet"))
    file.touch()
    assert reruns(before, keys_of(config_of(place))) == set()
    shutil.copy(file, file.with_name("again.parquet"))
    everything = INGESTION | VALIDATION | TRANSFORM | MODELS
    assert reruns(before, keys_of(config_of(place))) == everything


def test_the_same_logs_in_another_folder_rerun_nothing(place: Path):
    before = keys_of(config_of(place))
    shutil.copytree(place / "logs", place / "elsewhere")
    shutil.rmtree(place / "logs")
    assert reruns(before, keys_of(config_of(place, logs=str(place / "elsewhere")))) == set()


def test_all_recipes_share_ingestion_and_transform(place: Path):
    before = keys_of(config_of(place))
    other = config_of(place, recipe="ads_stream_only", baseline=None)
    assert reruns(before, keys_of(other)) == {
        "Trainer.ads_stream_only",
        "Evaluator.ads_stream_only",
        "AtomicPusher",
    }
