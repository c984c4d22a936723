import pytest
from rich.console import Console

from benchmarks.switches import changed, summary, table
from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig
from models.spec import TrainingSpec
from models.training.loop import train
from tests.models.prepared import RECIPES, random_rows, small_layout

SPEC = TrainingSpec(
    name="joint",
    recipe=RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(8,))}),
    sources=("promotion", "ad"),
    model=ModelConfig(embedding_dim=4, tower_units=()),
    trainer=TrainerConfig(batch_size=128, epochs=2),
)


def test_each_key_of_a_setting_goes_to_its_section() -> None:
    spec = changed(SPEC, "numeric_bins=8,learning_rate=0.01", 5)
    assert (spec.model.numeric_bins, spec.model.embedding_dim) == (8, 4)
    assert (spec.trainer.learning_rate, spec.trainer.batch_size) == (0.01, 128)
    assert spec.seed == 5
    assert changed(SPEC, "-", 0) == SPEC


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(SystemExit, match="neither `model` nor `trainer` has bins"):
        changed(SPEC, "bins=8", 0)


def test_settings_are_compared_by_seed() -> None:
    rows, validation = random_rows(300, 900, seed=1), random_rows(200, 600, seed=2)
    measured = [
        summary(
            setting,
            SPEC.recipe,
            [train(changed(SPEC, setting, seed), small_layout(), rows, validation) for seed in (1, 2)],
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
