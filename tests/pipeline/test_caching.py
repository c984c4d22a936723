"""A change that affects a result changes the cache keys of the nodes that make the result, and no other key.

TFX runs a node again if its own parameters change, or if an earlier node made an input anew. So an edit re-runs the
nodes whose parameters it changes, and all nodes below them. test_run.py checks the same in real runs.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from components import code_hash
from pipeline.configuration.config import Config
from simulation.config import SimulationConfig
from simulation.simulate import simulate
from transforms.features import FEATURES

PACKAGES = ("components", "files", "logs", "models", "serving", "transforms")
INGESTION = {"Ingestion", "QuarantineGate", "SourceGate", "TemporalSplit"}
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
REPORT = {"Report"}  # it has results of all of these
MODELS = TRAINING | EVALUATION | PUSH | REPORT
EVERYTHING = INGESTION | VALIDATION | TRANSFORM | MODELS
JOINT = {"Trainer.joint", "Evaluator.joint"} | PUSH | REPORT


Keys = tuple[dict[str, str], dict[str, set[str]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with logs, and with a copy of our code that cannot change while these tests run."""
    folder = tmp_path_factory.mktemp("world")
    small = SimulationConfig(preset="tiny", users=50, shows=50, days=2, warmup_days=1, impressions=200)
    simulate(small, folder / "logs")
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(code_hash.ROOT / package, folder / "code" / package, ignore=ignored)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(code_hash, "ROOT", folder / "code")
        yield folder


@pytest.fixture(scope="module")
def before(world: Path) -> Keys:
    """The keys of the default config, for tests that change the config or the code."""
    return keys_of(config_of(world))


@pytest.fixture
def place(world: Path, tmp_path: Path) -> Path:
    """A copy of the logs, for tests that edit them."""
    shutil.copytree(world / "logs", tmp_path / "logs")
    return tmp_path


@pytest.fixture
def code(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our code, for tests that edit it."""
    shutil.copytree(world / "code", tmp_path / "code")
    monkeypatch.setattr(code_hash, "ROOT", tmp_path / "code")
    return tmp_path / "code"


def keys_of(config: Config) -> Keys:
    """Each node's own parameters, and the nodes before it, in the order of the pipeline."""
    from tfx.dsl.components.common.resolver import Resolver

    from pipeline.pipeline import create_pipeline

    def parameters(node) -> dict:  # without nonces: the pusher and the gate before it run each time
        return {name: value for name, value in node.exec_properties.items() if name != "nonce"}

    nodes = [node for node in create_pipeline(config).components if not isinstance(node, Resolver)]
    # Resolver.split gives the artifact of TemporalSplit, or an earlier one if its splits hold the same rows
    # (tests/components/split/test_resolver.py); so the nodes below run again at most if TemporalSplit does.
    upstream = {
        node.id: {
            "TemporalSplit" if before.id == "Resolver.split" else before.id
            for before in node.upstream_nodes
            if before.id == "Resolver.split" or not isinstance(before, Resolver)
        }
        for node in nodes
    }
    return {node.id: repr(sorted(key.items())) for node in nodes if (key := parameters(node))}, upstream


def reruns(before: Keys, after: Keys) -> set[str]:
    """The nodes that run again after a change of the keys from `before` to `after`."""
    was, _ = before
    now, upstream = after
    again: set[str] = set()
    for node in now:  # in the order of the pipeline, which is topological
        inputs = upstream[node] - {"QuarantineGate", "SourceGate", "AnomalyGate"}  # no node reads outputs of a gate
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
        ("components/ingestion/compute/history.py", EVERYTHING),
        ("components/split/component.py", {"TemporalSplit"} | VALIDATION | TRANSFORM | MODELS),
        ("components/validation/reading.py", VALIDATION | REPORT),
        ("transforms/preprocessing.py", TRANSFORM | MODELS),
        ("models/training/losses.py", MODELS),
        ("models/export/savedmodel.py", MODELS),
        ("models/tasks.py", MODELS),
        ("transforms/features.py", TRANSFORM | MODELS),
        ("components/evaluation/curve.py", EVALUATION | PUSH | REPORT),
        ("components/ingestion/run.py", set()),  # for `coldcast ingest` alone
        ("logs/adapters/kuairand.py", set()),
        ("components/report/curves.py", REPORT),
    ],
)
def test_an_edit_of_code_reruns_the_nodes_that_use_it(
    world: Path, code: Path, before: Keys, edited: str, again: set[str]
):
    append(code / edited, "EDITED = 1")
    assert reruns(before, keys_of(config_of(world))) == again


def test_a_comment_reruns_nothing(world: Path, code: Path, before: Keys):
    for file in code.rglob("*.py"):
        append(file, "# a comment")
    assert reruns(before, keys_of(config_of(world))) == set()


TABLE_BUCKETS = next(feature.buckets for feature in FEATURES if feature.name == "show_id")


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({}, set()),
        ({"labels": {"stream": {"window_hours": 12}}}, EVERYTHING),
        ({"labels": {"stream": {"window_hours": 24}}}, set()),
        ({"labels": {"save": {"kind": "save"}}}, EVERYTHING | {"ImportSchemaGen"}),
        ({"sources": ["promotion", "ad", "email"]}, EVERYTHING | {"ImportSchemaGen"}),
        ({"tasks": {"click": {"read_on": ["ad"]}}}, MODELS),
        ({"tasks": {"own": {"label": "click", "trained_on": ["ad"], "read_on": ["ad"]}}}, set()),  # in no recipe
        ({"recipes": {"joint": {"encoder": {"units": [8]}}}}, JOINT),
        ({"recipes": {"ads_stream_only": {"encoder": {"units": [8]}}}}, set()),  # of no branch
        ({"ingestion": {"max_quarantined_fraction": 0.5}}, {"QuarantineGate"}),
        ({"tiers": {"less_streamed_below": 7}}, EVALUATION | PUSH | REPORT),
        ({"tiers": {"boundaries_hours": [7, 6, 5, 4, 3, 2, 1]}}, EVALUATION | PUSH | REPORT),
        ({"split": {"test_days": 1}}, {"SourceGate", "TemporalSplit"} | VALIDATION | TRANSFORM | MODELS),
        ({"split": {"train_days": 9}}, {"SourceGate", "TemporalSplit"} | VALIDATION | TRANSFORM | MODELS),
        ({"split": {"end": "2026-01-02"}}, {"SourceGate", "TemporalSplit"} | VALIDATION | TRANSFORM | MODELS),
        ({"split": {"train_days": None, "end": None}}, set()),
        ({"validation": {"drift": {"category": 0.9}}}, {"DistributionValidator.drift", "AnomalyGate"} | REPORT),
        ({"validation": {"drift": {"missing": 0.9}}}, {"AnomalyGate"}),
        ({"features": {"vocabulary_min_count": 2}}, TRANSFORM | MODELS),
        ({"features": {"buckets": {"show_id": 5000}}}, TRANSFORM | MODELS),
        ({"features": {"buckets": {"show_id": TABLE_BUCKETS}}}, set()),
        ({"features": {"groups": ["user", "content"]}}, MODELS),
        ({"features": {"groups": ["creative", "user", "context", "content"]}}, set()),  # their order has no effect
        ({"trainer": {"learning_rate": 0.01}}, MODELS),
        ({"trainer": {"loss_weights": {"click": 1.0}}}, set()),  # the default
        ({"trainer": {"loss_weights": {"ad_stream": 2.0}}}, JOINT),
        ({"model": {"embedding_dim": 4}}, MODELS),
        ({"seed": 8}, MODELS),
        ({"evaluator": {"min_positives": 3}}, EVALUATION | PUSH | REPORT),
        ({"serving": {"port": 9999}}, set()),
        ({"simulation": {"preset": "large"}}, set()),  # the logs' bytes are in the key, not how they were made
        ({"beam": {"args": ["--runner=DirectRunner"]}}, set()),  # TFX adds them to every key itself
        ({"baseline": None}, REPORT),
        ({"pusher": {"enabled": False}}, EVALUATION | REPORT),  # its blessings are those of a trial
        ({"branches": [{"recipe": "promotions_only"}, {"recipe": "joint", "pushed": True}]}, set()),  # the long form
        ({"branches": [{"recipe": "promotions_only"}, {"recipe": "joint", "seed": 8, "pushed": True}]}, JOINT),
    ],
)
def test_a_config_value_reruns_what_it_changes(world: Path, before: Keys, changes: dict, again: set[str]):
    assert reruns(before, keys_of(config_of(world, **changes))) == again


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
    assert reruns(before, keys_of(config_of(place))) == EVERYTHING


def test_the_same_logs_in_another_folder_rerun_nothing(place: Path):
    before = keys_of(config_of(place))
    shutil.copytree(place / "logs", place / "elsewhere")
    shutil.rmtree(place / "logs")
    assert reruns(before, keys_of(config_of(place, logs=str(place / "elsewhere")))) == set()


def test_all_branches_share_ingestion_and_transform(world: Path, before: Keys):
    other = config_of(world, recipe="ads_stream_only", baseline=None)
    assert reruns(before, keys_of(other)) == {
        "Trainer.ads_stream_only",
        "Evaluator.ads_stream_only",
        "AtomicPusher",
        "Report",
    }


def test_a_branch_with_a_source_of_its_own_reruns_nothing_that_the_branches_share(world: Path):
    branches = [{"name": "a", "recipe": "joint"}]
    rows = {
        "sources": ["promotion", "ad", "email"],
        "tasks": {"email_stream": {"label": "stream", "trained_on": ["email"], "read_on": ["email"]}},
        "recipes": {"own": {"trained_on": ["email"], "heads": ["email_stream"]}},
    }
    before = keys_of(config_of(world, **rows, branches=branches))
    after = config_of(world, **rows, branches=[*branches, {"name": "b", "recipe": "own"}])
    assert reruns(before, keys_of(after)) == {"SourceGate", "Trainer.b", "Evaluator.b", "Report"}


@pytest.mark.parametrize(
    "change",
    [{"seed": 8}, {"model": {"embedding_dim": 4}}, {"trainer": {"epochs": 3}}, {"recipe": "single_task_pooled"}],
)
def test_a_change_of_one_branch_reruns_that_branch_only(world: Path, change: dict):
    branches = [{"name": name, "recipe": "joint"} for name in ("a", "b", "c")]
    before = keys_of(config_of(world, branches=branches))
    after = config_of(world, branches=[branches[0], branches[1] | change, branches[2]])
    assert reruns(before, keys_of(after)) == {"Trainer.b", "Evaluator.b", "Report"}


def test_another_seed_of_a_recipe_is_one_more_branch(world: Path):
    branches = [{"name": "a", "recipe": "joint", "pushed": True}]
    before = keys_of(config_of(world, branches=branches))
    after = config_of(world, branches=[*branches, {"name": "b", "recipe": "joint", "seed": 8}])
    assert reruns(before, keys_of(after)) == {"Trainer.b", "Evaluator.b", "Report"}


def test_a_branch_that_starts_from_another_is_trained_again_after_it(world: Path):
    branches = [{"name": "a", "recipe": "joint"}, {"name": "b", "recipe": "joint", "start_from": "a"}]
    before = keys_of(config_of(world, branches=branches))
    after = config_of(world, branches=[branches[0] | {"seed": 8}, branches[1]])
    assert reruns(before, keys_of(after)) == {"Trainer.a", "Evaluator.a", "Trainer.b", "Evaluator.b", "Report"}
