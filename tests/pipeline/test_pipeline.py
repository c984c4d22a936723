"""How the stages are wired: which splits each reads, what each is given, and what stands before it."""

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
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Nodes:
    folder = tmp_path_factory.mktemp("wiring")
    world = SimulationConfig(preset="tiny", users=50, shows=50, days=2, warmup_days=1, impressions=200)
    simulate(world, folder / "logs", seed=1)
    config = Config.model_validate({"name": "c", "logs": str(folder / "logs"), "root": str(folder / "root")})
    return {node.id: node for node in create_pipeline(config).components}


def given(nodes: Nodes, node: str, name: str) -> str:
    """What `node` takes under `name`: the producer's id and its output."""
    channel: Any = nodes[node].inputs[name]
    return f"{channel.producer_component_id}.{channel.output_key}"


def parsed(nodes: Nodes, node: str, name: str, message: Any) -> dict[str, Any]:
    json_format.Parse(nodes[node].exec_properties[name], message)
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def test_transform_learns_from_the_training_split_alone(nodes: Nodes):
    assert parsed(nodes, "Transform", "splits_config", transform_pb2.SplitsConfig()) == {"analyze": ["train"]}
    assert given(nodes, "Transform", "examples") == "TemporalSplit.examples"


@pytest.mark.parametrize("recipe", ["joint", "promotions_only"])
def test_a_model_is_trained_stopped_and_judged_on_splits_of_their_own(nodes: Nodes, recipe: str):
    trainer, evaluator = f"Trainer.{recipe}", f"Evaluator.{recipe}"
    assert parsed(nodes, trainer, "train_args", trainer_pb2.TrainArgs()) == {"splits": ["train"]}
    assert parsed(nodes, trainer, "eval_args", trainer_pb2.EvalArgs()) == {"splits": ["validation"]}
    assert nodes[evaluator].exec_properties["example_splits"] == '["test"]'
    assert {given(nodes, node, "examples") for node in (trainer, evaluator)} == {"TemporalSplit.examples"}
    assert given(nodes, trainer, "transform_graph") == "Transform.transform_graph"


@pytest.mark.parametrize("recipe", ["joint", "promotions_only"])
def test_a_model_is_judged_beside_the_last_blessed_one_of_its_recipe(nodes: Nodes, recipe: str):
    assert given(nodes, f"Evaluator.{recipe}", "model") == f"Trainer.{recipe}.model"
    assert given(nodes, f"Evaluator.{recipe}", "baseline_model") == f"Resolver.{recipe}.model"


def test_what_is_pushed_is_the_recipes_model_if_it_is_blessed(nodes: Nodes):
    assert given(nodes, "AtomicPusher", "model") == "Trainer.joint.model"
    assert given(nodes, "AtomicPusher", "model_blessing") == "Evaluator.joint.blessing"


def test_the_anomaly_gate_sees_every_verdict_and_what_it_is_compared_with(nodes: Nodes):
    assert {name: given(nodes, "AnomalyGate", name) for name in nodes["AnomalyGate"].inputs} == {
        "statistics": "ColumnarStatisticsGen.statistics",
        "last_statistics": "Resolver.statistics.statistics",
        "anomalies": "ExampleValidator.anomalies",
        "drift": "DistributionValidator.drift.anomalies",
        "train_test": "DistributionValidator.train_test.anomalies",
    }


def test_nothing_goes_on_before_the_gates_have_let_it_pass(nodes: Nodes):
    assert nodes["QuarantineGate"] in nodes["TemporalSplit"].upstream_nodes
    assert nodes["AnomalyGate"] in nodes["Transform"].upstream_nodes
    assert all(nodes["Transform"] in nodes[f"Trainer.{name}"].upstream_nodes for name in ("joint", "promotions_only"))
