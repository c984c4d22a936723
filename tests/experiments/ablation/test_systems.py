from pathlib import Path

import pytest

from experiments.ablation.systems import Ablations, ablations
from experiments.systems.configs import config_of, worlds_of
from models.encoders.config import DenseConfig
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config

(WORLD,) = worlds_of(load_config("tiny"), "/out")


@pytest.fixture(scope="module")
def of_joint() -> Ablations:
    return ablations(WORLD, "joint")


def run_of(found: Ablations, name: str) -> tuple[Config, Branch]:
    (system,) = (system for system in found.others if system.name == name)
    config = config_of(WORLD, system, 1)
    return config, config.branches_to_run[0]


def test_each_ablation_changes_what_it_says(of_joint: Ablations):
    assert run_of(of_joint, "no_ancillary_heads")[1].recipe.heads == ("promotion_stream", "ad_stream")
    assert not run_of(of_joint, "no_balance")[1].recipe.balanced
    assert run_of(of_joint, "no_mask")[1].recipe.task("promotion_stream").trained_on == ("promotion", "ad")
    assert run_of(of_joint, "no_mask")[1].recipe.sources_of("promotion_stream") == ("promotion",)
    assert run_of(of_joint, "balancer_pcgrad")[1].trainer.balancer.kind == "pcgrad"
    assert run_of(of_joint, "no_batch_norm")[1].recipe.encoder == DenseConfig(batch_norm=False)
    assert run_of(of_joint, "encoder_tabm")[1].recipe.encoder.kind == "tabm"
    config, _ = run_of(of_joint, "no_content_features")
    assert config.features.groups == ("user", "context", "creative")
    names = {feature.name for feature in run_of(of_joint, "no_response_history")[0].feature_table}
    assert "user_ad_stream_rate_30d" not in names
    assert "show_promotion_shown_30d" not in names
    assert "user_hours_30d" in names


def test_an_ablation_that_changes_nothing_is_left_out():
    found = ablations(WORLD, "single_task_pooled")
    assert {"no_balance", "no_ancillary_heads", "no_mask"} <= set(found.idle)
    assert {system.name for system in found.others}.isdisjoint(found.idle)


def test_a_silo_has_no_mask_and_other_recipes_keep_their_sources():
    assert {"no_balance", "no_mask"} <= set(ablations(WORLD, "promotions_only").idle)


def test_the_only_group_of_features_stays():
    (world,) = worlds_of(load_config("tiny", ["features.groups=[content]"]), "/out")
    found = ablations(world, "joint")
    assert "no_content_features" not in {*found.idle, *(system.name for system in found.others)}


def test_id_dropout_is_switched_on_where_it_is_off(of_joint: Ablations):
    assert "no_id_dropout" in of_joint.idle
    assert run_of(of_joint, "id_dropout")[1].model.id_dropout == 0.2


def test_every_other_encoder_is_tried(of_joint: Ablations):
    kinds = {system.name for system in of_joint.others if system.name.startswith("encoder_")}
    assert kinds >= {"encoder_mmoe", "encoder_tabm"}
    assert "encoder_dense" not in kinds


def test_the_page_names_every_ablation(of_joint: Ablations):
    page = (Path(__file__).resolve().parents[3] / "docs" / "experiments.md").read_text()
    for name in (*of_joint.idle, *(system.name for system in of_joint.others)):
        shown = f"{name.partition('_')[0]}_<kind>" if name.startswith(("encoder_", "balancer_")) else name
        assert f"`{shown}`" in page
