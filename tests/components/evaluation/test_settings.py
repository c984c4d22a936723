"""The settings of an evaluation come from its own `eval_config.json`, also where the config has changed since."""

import json
from pathlib import Path

import pytest
from google.protobuf import json_format

from components.evaluation.config import EvaluatorConfig
from components.evaluation.errors import EvaluationError
from components.evaluation.eval_config import eval_config
from components.evaluation.settings import EvaluatedHead, read_settings
from logs.config import TiersConfig
from models.recipes import RecipeConfig, bind
from models.tasks import TaskConfig
from transforms.domain import DEFAULT_LABELS, Domain, Label

TASKS = {
    "save": TaskConfig(label="save", trained_on=("email", "ad"), read_on=("email", "ad")),
    "ad_stream": TaskConfig(label="stream", trained_on=("ad",), read_on=("ad",)),
    "email_stream": TaskConfig(label="stream", trained_on=("email",), read_on=("email",)),
}
RECIPE = bind(RecipeConfig(trained_on=("email", "ad"), heads=("save", "email_stream", "ad_stream")), TASKS)
DOMAIN = Domain(sources=("promotion", "ad", "email"), labels=DEFAULT_LABELS | {"save": Label(kind="save")})


def _write(folder: Path) -> dict:
    """Writes the config as TFMA does, and returns it."""
    config = json_format.MessageToDict(eval_config(RECIPE, EvaluatorConfig(), DOMAIN, TiersConfig()))
    (folder / "eval_config.json").write_text(json.dumps({"evalConfig": config}))
    return config


def test_heads_and_sources_are_in_the_order_of_the_recipe_and_the_config(tmp_path: Path) -> None:
    _write(tmp_path)
    settings = read_settings(str(tmp_path))
    assert settings.heads == (
        EvaluatedHead("save", "save", ("email", "ad")),
        EvaluatedHead("email_stream", "stream", ("email",)),
        EvaluatedHead("ad_stream", "stream", ("ad",)),
    )
    assert settings.sources == ("promotion", "ad", "email")
    assert {"source": "email"} in settings.slices
    assert len(settings.slices) == 1 + 3 + 8 + 3 * 8 + 1 + 3


def test_an_evaluation_of_an_earlier_version_is_an_error_that_says_so(tmp_path: Path) -> None:
    config = _write(tmp_path)
    metric = config["metricsSpecs"][0]["metrics"][0]
    arguments = json.loads(metric["config"])
    del arguments["sources"]
    metric["config"] = json.dumps(arguments)
    (tmp_path / "eval_config.json").write_text(json.dumps({"evalConfig": config}))
    with pytest.raises(EvaluationError, match=r"An earlier version of Coldcast wrote .*: run the pipeline again"):
        read_settings(str(tmp_path))
