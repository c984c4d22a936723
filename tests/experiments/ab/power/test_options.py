import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.power.options import checked_lift


@pytest.mark.parametrize("lift", [0, -1, float("nan"), float("inf")])
def test_no_change_takes_for_ever_to_find(lift: float):
    checked_lift(-0.5)
    with pytest.raises(ExperimentError, match="greater than -1 and other than 0"):
        checked_lift(lift)
