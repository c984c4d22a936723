import io
import logging

import pytest
from rich.console import Console

from pipeline.runners.local import RunError, StageView


@pytest.fixture
def screen_and_logger():
    screen = io.StringIO()
    logger = logging.getLogger("tests.stage_view")
    logger.setLevel(logging.INFO)
    view = StageView(Console(file=screen, width=100))
    logger.addHandler(view)
    yield screen, logger
    view.stop()
    logger.removeHandler(view)


def test_each_stage_is_a_line_with_its_time_or_cached(screen_and_logger):
    screen, logger = screen_and_logger
    logger.info("Component %s is running.", "Transform")
    logger.info("Component %s is finished.", "Transform")
    logger.info("Component %s is running.", "Trainer.joint")
    logger.info("A cached execution %d is used.", 7)
    logger.info("Component %s is finished.", "Trainer.joint")
    first, second = [line for line in screen.getvalue().splitlines() if "✓" in line]
    assert first.split()[1:] == ["Transform", "0.0", "s"]
    assert second.split()[1:] == ["Trainer.joint", "cached"]


def test_a_stage_that_lacks_an_input_stops_the_run(screen_and_logger):
    _, logger = screen_and_logger
    with pytest.raises(RunError, match="AnomalyGate lacks an input: no statistics"):
        logger.info("[%s] Input resolution error: %s", "AnomalyGate", "no statistics")
