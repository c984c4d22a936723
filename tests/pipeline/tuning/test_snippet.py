"""The best values of a search are keys of a valid config."""

from pipeline.configuration.config import Config
from pipeline.tuning.snippet import snippet


def test_the_best_values_are_a_config():
    config = Config.model_validate({"recipes": {"joint": {"encoder": {"dropout": 0.25}}}})
    values = {"trainer.learning_rate": 0.5, "model.embedding_dim": 7, "encoder.units": [9]}
    baseline, branch = Config.model_validate(snippet(config, {"joint": values})).branches_to_run
    assert baseline == config.branches_to_run[0]
    assert branch.recipe.encoder.dropout == 0.25
    assert (branch.trainer.learning_rate, branch.model.embedding_dim, branch.recipe.encoder.units) == (0.5, 7, (9,))
    assert branch.pushed
