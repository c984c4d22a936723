from experiments.ab.measures.texts import interval_text, value_text
from experiments.p_values import p_text


def test_texts():
    assert [p_text(value) for value in (0.0004, 0.001, 0.25, None)] == ["<0.001", "0.001", "0.250", ""]
    assert [value_text("i2s", 0.00512), value_text("eCPS", 1.23456), value_text("CTR", None)] == [
        "0.512%",
        "1.235",
        "none",
    ]
    assert interval_text(-0.0512, 0.2) == "-5.1% to +20.0%"
