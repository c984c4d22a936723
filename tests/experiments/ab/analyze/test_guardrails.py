import pytest

from experiments.ab.analyze.guardrails import Guardrail, guardrail
from experiments.ab.errors import ExperimentError


def test_text():
    assert guardrail("CTR@all>=-2%") == Guardrail("CTR", "all", at_least=True, bound=-0.02)
    assert guardrail(" eCPS@less-streamed <= 5 %") == Guardrail("eCPS", "less-streamed", at_least=False, bound=0.05)
    assert guardrail("i2s@tier 5>=0%") == Guardrail("i2s", "tier 5", at_least=True, bound=0)
    assert guardrail("impressions<=1.5%") == Guardrail("impressions", "all", at_least=False, bound=0.015)
    assert guardrail(guardrail("CTR@all>=-2%").text) == guardrail("CTR@all>=-2%")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CTR", "write METRIC@SEGMENT>=X%"),
        ("CTR>=2", "write METRIC@SEGMENT>=X%"),
        ("CTR>=1.2.3%", "write METRIC@SEGMENT>=X%"),
        ("ctr>=2%", "there is no metric 'ctr'; choose from i2s, CTR"),
        ("CTR@tier 8>=2%", "there is no segment 'tier 8'; choose from less-streamed, all"),
    ],
)
def test_errors(text: str, message: str):
    with pytest.raises(ExperimentError, match=message):
        guardrail(text)


@pytest.mark.parametrize(
    ("text", "interval", "verdict"),
    [
        ("CTR>=-2%", (-0.01, 0.03), "holds"),
        ("CTR>=-2%", (-0.03, 0.03), "open"),
        ("CTR>=-2%", (-0.05, -0.03), "broken"),
        ("eCPS<=2%", (-0.05, 0.01), "holds"),
        ("eCPS<=2%", (0.01, 0.03), "open"),
        ("eCPS<=2%", (0.03, 0.05), "broken"),
        ("eCPS<=2%", (float("nan"), float("nan")), "open"),
    ],
)
def test_verdicts(text: str, interval: tuple[float, float], verdict: str):
    assert guardrail(text).verdict(*interval) == verdict
