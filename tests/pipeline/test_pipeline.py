"""How the nodes are wired: which splits each node reads, its inputs, and the gates before it."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from tfx.dsl.components.base.base_node import BaseNode
from tfx.proto import trainer_pb2, transform_pb2

from pipeline.configuration.config import Config
from pipeline.pipeline import create_pipeline
from simulation.config import SimulationConfig
from simulation.simulate import simulate

Nodes = dict[str, BaseNode]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wiring")
    world = SimulationConfig(preset="tiny", users=50, shows=50, days=2, warmup_days=1, impressions=200)
    simulate(world, folder / "logs")
    return folder


def nodes_of(folder: Path, **changes: object) -> Nodes:
    config = {"name": "c", "logs": str(folder / "logs"), "root": str(folder / "root")} | changes
    return {node.id: node for node in create_pipeline(Config.model_validate(config)).components}


@pytest.fixture(scope="module")
def nodes(folder: Path) -> Nodes:
    return nodes_of(folder)


def given(nodes: Nodes, node: str, name: str) -> str:
    """The input of `node` under `name`: the producer's id and its output."""
    channel: Any = nodes[node].inputs[name]
    return f"{channel.producer_component_id}.{channel.output_key}"


def parsed(nodes: Nodes, node: str, name: str, message: Any) -> dict[str, Any]:
    json_format.Parse(nodes[node].exec_properties[name], message)
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def test_transform_learns_from_the_training_split_alone(nodes: Nodes):
    assert parsed(nodes, "Transform", "splits_config", transform_pb2.SplitsConfig()) == {"analyze": ["train"]}
    assert given(nodes, "Transform", "examples") == "Resolver.split.examples"


@pytest.mark.parametrize("recipe", ["joint", "promotions_only"])
def test_a_model_is_trained_stopped_and_judged_on_splits_of_their_own(nodes: Nodes, recipe: str):
    trainer, evaluator = f"Trainer.{recipe}", f"Evaluator.{recipe}"
    assert parsed(nodes, trainer, "train_args", trainer_pb2.TrainArgs()) == {"splits": ["train"]}
    assert parsed(nodes, trainer, "eval_args", trainer_pb2.EvalArgs()) == {"splits": ["validation"]}
    assert nodes[evaluator].exec_properties["example_splits"] == '["test"]'
    assert {given(nodes, node, "examples") for node in (trainer, evaluator)} == {"Resolver.split.examples"}
    assert given(nodes, trainer, "transform_graph") == "Transform.transform_graph"


@pytest.mark.parametrize("recipe", ["joint", "promotions_only"])
def test_a_model_is_judged_beside_the_last_blessed_one_of_its_recipe(nodes: Nodes, recipe: str):
    assert given(nodes, f"Evaluator.{recipe}", "model") == f"Trainer.{recipe}.model"
    assert given(nodes, f"Evaluator.{recipe}", "baseline_model") == f"Resolver.{recipe}.model"


def test_the_pushed_branch_pushes_its_model_if_it_is_blessed(nodes: Nodes):
    assert given(nodes, "AtomicPusher", "model") == "Trainer.joint.model"
    assert given(nodes, "AtomicPusher", "model_blessing") == "Evaluator.joint.blessing"


def test_a_model_is_pushed_only_if_servers_can_load_it_and_answer(nodes: Nodes):
    assert given(nodes, "ServableGate", "model") == "Trainer.joint.model"
    assert given(nodes, "AtomicPusher", "infra_blessing") == "ServableGate.blessing"


def test_whether_servers_can_load_the_model_is_checked_in_each_run_as_a_full_disk_may_have_been_the_reason(
    folder: Path, nodes: Nodes
):
    again = nodes_of(folder)
    for node in ("ServableGate", "AtomicPusher"):
        assert again[node].exec_properties != nodes[node].exec_properties
    assert again["Evaluator.joint"].exec_properties == nodes["Evaluator.joint"].exec_properties


def test_the_anomaly_gate_sees_every_verdict_and_what_it_is_compared_with(nodes: Nodes):
    assert {name: given(nodes, "AnomalyGate", name) for name in nodes["AnomalyGate"].inputs} == {
        "statistics": "ColumnarStatisticsGen.statistics",
        "last_statistics": "Resolver.statistics.statistics",
        "anomalies": "ExampleValidator.anomalies",
        "drift": "DistributionValidator.drift.anomalies",
        "train_test": "DistributionValidator.train_test.anomalies",
    }


def test_nothing_goes_on_before_the_gates_have_let_it_pass(nodes: Nodes):
    assert nodes["QuarantineGate"] in nodes["SourceGate"].upstream_nodes
    assert nodes["SourceGate"] in nodes["TemporalSplit"].upstream_nodes
    assert nodes["TemporalSplit"] in nodes["Resolver.split"].upstream_nodes
    assert nodes["AnomalyGate"] in nodes["Transform"].upstream_nodes
    assert all(nodes["Transform"] in nodes[f"Trainer.{name}"].upstream_nodes for name in ("joint", "promotions_only"))


def test_the_report_has_every_branch_and_every_check_and_comes_last(nodes: Nodes):
    inputs = {name: given(nodes, "Report", name) for name in nodes["Report"].inputs}
    assert (inputs["scores_0"], inputs["scores_1"]) == ("Evaluator.promotions_only.scores", "Evaluator.joint.scores")
    assert inputs["model_run_1"] == "Trainer.joint.model_run"
    assert inputs["drift"] == "DistributionValidator.drift.anomalies"
    assert inputs["train_test"] == "DistributionValidator.train_test.anomalies"
    assert inputs["anomalies"] == "ExampleValidator.anomalies"
    assert nodes["AtomicPusher"] in nodes["Report"].upstream_nodes, "a broken report must not keep a model back"
    names = [branch["name"] for branch in json.loads(nodes["Report"].exec_properties["branches"])]
    assert names == ["promotions_only", "joint"]


def test_an_experiment_has_no_report_and_neither_has_a_search(folder: Path):
    config = Config.model_validate({"name": "c", "logs": str(folder / "logs"), "root": str(folder / "root")})
    for pipeline in (create_pipeline(config, report=False), create_pipeline(config, tune=config.branches_to_run)):
        assert "Report" not in {node.id for node in pipeline.components}


def branch(name: str, **keys: object) -> dict[str, object]:
    return {"name": name, "recipe": "joint", **keys}


def trainers(nodes: Nodes) -> set[str]:
    return {node for node in nodes if node.startswith("Trainer.")}


def test_every_branch_has_its_nodes_and_all_share_ingestion_statistics_and_transform(folder: Path, nodes: Nodes):
    several = nodes_of(folder, branches=[branch("a"), branch("b", seed=8, pushed=True), branch("c", seed=9)])
    shared = {node for node in nodes if not node.endswith((".joint", ".promotions_only"))}
    own = {f"{kind}.{name}" for kind in ("Trainer", "Resolver", "Evaluator") for name in "abc"}
    assert set(several) == shared | own
    seeds = [json.loads(several[f"Trainer.{name}"].exec_properties["custom_config"])["spec"]["seed"] for name in "abc"]
    assert seeds == [7, 8, 9]
    assert given(several, "AtomicPusher", "model") == "Trainer.b.model"
    assert given(several, "AtomicPusher", "model_blessing") == "Evaluator.b.blessing"


def test_without_a_pushed_branch_nothing_is_pushed(folder: Path):
    assert "AtomicPusher" not in nodes_of(folder, branches=[branch("a")])


def test_a_branch_starts_from_the_model_of_another(folder: Path):
    nodes = nodes_of(folder, branches=[branch("tuned", start_from="pooled"), branch("pooled")])
    assert given(nodes, "Trainer.tuned", "base_model") == "Trainer.pooled.model"
    assert "base_model" not in nodes["Trainer.pooled"].inputs
    assert list(nodes).index("Trainer.pooled") < list(nodes).index("Trainer.tuned")


def test_a_branch_starts_from_its_last_blessed_model(folder: Path):
    nodes = nodes_of(folder, branches=[branch("daily", start_from="last")])
    assert given(nodes, "Trainer.daily", "base_model") == "Resolver.daily.start.model"
    assert nodes["Resolver.split"] in nodes["Resolver.daily.start"].upstream_nodes


def test_a_branch_starts_from_a_model_in_a_folder(folder: Path):
    (folder / "1").mkdir()
    (folder / "1" / "saved_model.pb").touch()
    nodes = nodes_of(folder, branches=[branch("tuned", start_from=f"{folder}/1")])
    assert given(nodes, "Trainer.tuned", "base_model") == "Importer.tuned.result"


def test_the_sources_and_labels_of_the_config_reach_every_node_that_reads_them(folder: Path):
    changes = {
        "sources": ["promotion", "ad", "email"],
        "labels": {"save": {"kind": "save", "window_hours": 2}},
        "tasks": {"save": {"label": "save", "trained_on": ["email"], "read_on": ["email"]}},
        "recipes": {"own": {"trained_on": ["ad", "email"], "heads": ["ad_stream", "save"]}},
        "branches": [{"recipe": "own"}],
    }
    nodes = nodes_of(folder, **changes)
    domain = json.loads(nodes["Ingestion"].exec_properties["domain"])
    assert domain["sources"] == ["promotion", "ad", "email"]
    assert domain["labels"]["save"] == {"kind": "save", "window_hours": 2.0, "min_stream_seconds": None}
    assert json.loads(nodes["SourceGate"].exec_properties["sources"]) == ["ad", "email"]
    spec = json.loads(nodes["Trainer.own"].exec_properties["custom_config"])["spec"]
    assert spec["sources"] == ["promotion", "ad", "email"]
    assert [task["name"] for task in spec["recipe"]["tasks"]] == ["ad_stream", "save"]
    assert "save" in nodes["Evaluator.own"].exec_properties["eval_config"]
    assert "save" in Path(nodes["ImportSchemaGen"].exec_properties["schema_file"]).read_text()


def test_a_tuned_branch_has_a_tuner_that_feeds_its_trainer(folder: Path):
    nodes = nodes_of(folder, branches=[{"recipe": "joint", "tuned": True}, {"recipe": "promotions_only"}])
    assert given(nodes, "Trainer.joint", "hyperparameters") == "Tuner.joint.best_hyperparameters"
    assert "hyperparameters" not in nodes["Trainer.promotions_only"].inputs
    assert "Tuner.promotions_only" not in nodes
    assert parsed(nodes, "Tuner.joint", "train_args", trainer_pb2.TrainArgs()) == {"splits": ["train"]}
    assert parsed(nodes, "Tuner.joint", "eval_args", trainer_pb2.EvalArgs()) == {"splits": ["validation"]}
