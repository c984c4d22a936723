import pytest
from rich.console import Console

from benchmarks.switches import changed, summary, table
from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig
from models.spec import TrainingSpec
from models.training.loop import train
from pipeline.configuration.branches import Branch
from tests.models.prepared import RECIPES, random_rows, small_layout
from transforms.config import FeaturesConfig
from transforms.domain import Domain

BRANCH = Branch(
    name="joint",
    recipe_name="joint",
    recipe=RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(8,))}),
    seed=0,
    model=ModelConfig(embedding_dim=4, tower_units=()),
    trainer=TrainerConfig(batch_size=128, epochs=2),
)


def spec(setting: str, seed: int) -> TrainingSpec:
    return changed(BRANCH, setting, seed).spec(Domain(), FeaturesConfig())


def test_each_key_of_a_setting_goes_to_its_section() -> None:
    branch = changed(BRANCH, "numeric_bins=8,learning_rate=0.01", 5)
    assert (branch.model.numeric_bins, branch.model.embedding_dim) == (8, 4)
    assert (branch.trainer.learning_rate, branch.trainer.batch_size) == (0.01, 128)
    assert branch.seed == 5
    assert changed(BRANCH, "-", 0) == BRANCH


def test_id_dropout_alone_hides_the_ids_of_the_default() -> None:
    assert spec("id_dropout=0.3", 0).model.id_dropout_features == (
        "campaign_id",
        "creative_id",
        "episode_id",
        "show_id",
    )


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(SystemExit, match="neither `model` nor `trainer` has bins"):
        changed(BRANCH, "bins=8", 0)


def test_settings_are_compared_by_seed() -> None:
    rows, validation = random_rows(300, 900, seed=1), random_rows(200, 600, seed=2)
    measured = [
        summary(
            setting,
            BRANCH.recipe,
            [train(spec(setting, seed), small_layout(), rows, validation) for seed in (1, 2)],
        )
        for setting in ("-", "learning_rate=0.02", "-")
    ]
    assert measured[0].means == measured[2].means
    console = Console(width=120, record=True)
    console.print(table(measured))
    first, second, third = console.export_text().splitlines()[3:6]
    assert "+0.0000 ± 0.0000" in third
    assert "±" not in first
    expected = sum(b - a for a, b in zip(measured[0].means, measured[1].means, strict=True)) / 2
    assert f"{expected:+.4f} ± " in second
    assert f"{measured[0].by_source['ad']:.4f}" in first
