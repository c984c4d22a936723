import pytest

from experiments.ab.analyze.shares import shares_of
from experiments.ab.errors import ExperimentError


def test_shares():
    assert shares_of("control=0.9, treatment=0.1") == {"control": 0.9, "treatment": 0.1}
    assert shares_of("control=9,joint@epsilon=0.1=1") == {"control": 9, "joint@epsilon=0.1": 1}
    assert shares_of(None) is None


@pytest.mark.parametrize(("text", "message"), [("a", "write ARM=SHARE"), ("a=x", "write ARM=SHARE"),
                                              ("a=1,b=0", "greater than 0"), ("a=inf,b=1", "greater than 0"),
                                              ("a=0.9,a=0.1,b=0.1", "names a twice")])  # fmt: skip
def test_wrong_shares(text: str, message: str):
    with pytest.raises(ExperimentError, match=message):
        shares_of(text)
