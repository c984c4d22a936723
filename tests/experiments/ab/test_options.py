import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.options import checked_lift, shares_of


def test_shares():
    assert shares_of("control=0.9, treatment=0.1") == {"control": 0.9, "treatment": 0.1}
    assert shares_of(None) is None


@pytest.mark.parametrize(("text", "message"), [("a", "write ARM=SHARE"), ("a=x", "write ARM=SHARE"),
                                              ("a=1,b=0", "greater than 0")])  # fmt: skip
def test_wrong_shares(text: str, message: str):
    with pytest.raises(ExperimentError, match=message):
        shares_of(text)


@pytest.mark.parametrize("lift", [0, -1, float("nan")])
def test_no_change_takes_for_ever_to_find(lift: float):
    checked_lift(-0.5)
    with pytest.raises(ExperimentError, match="greater than -1 and other than 0"):
        checked_lift(lift)
