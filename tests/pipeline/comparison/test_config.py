"""The section `compare` of a config."""

import pytest

from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError
from pipeline.outcome.digest import digest


def test_guards_change_no_figure_of_a_run():
    guarded = load_config("tiny", ['compare.guards=["stream:source=ad", "click"]'])
    assert guarded.compare.guards == ("stream:source=ad", "click")
    assert digest(guarded) == digest(load_config("tiny"))


def test_a_guard_of_another_form_is_an_error_of_the_config():
    with pytest.raises(ConfigError, match=r"compare\.guards.*there is no measure 'auc'; valid measures are ap"):
        load_config("tiny", ['compare.guards=["stream:source=ad:auc"]'])
