"""The published figures of the online test, to stand beside ours. Nothing is computed from them."""

PUBLISHED = {
    ("less-streamed", "i2s"): "+24 %",
    ("less-streamed", "eCPS"): "-22 %",
    ("less-streamed", "CTR"): "+10 %",
    ("less-streamed", "streams"): "+27 %",
    ("all", "i2s"): "+18 %",
    ("all", "eCPS"): "-20 %",
    ("all", "CTR"): "+9 %",
    ("all", "streams"): "+18 %",
    ("tier 0", "i2s"): "+7 %",
    ("tier 2", "i2s"): "+20 %",
    ("tier 3", "i2s"): "+27 %",
    ("tier 4", "i2s"): "+33 %",
    ("tier 5", "i2s"): "+60 %",
    ("tier 0", "eCPS"): "-4 to -17 %",
    ("tier 1", "eCPS"): "-4 to -17 %",
    ("tier 2", "eCPS"): "-4 to -17 %",
    ("tier 3", "eCPS"): "-20 %",
    ("tier 4", "eCPS"): "-24 %",
    ("tier 5", "eCPS"): "-38 %",
}
"""Relative change of `joint` against `promotions_only`, by segment and metric."""

TREATMENT, CONTROL = "joint", "promotions_only"
"""The policies that were compared."""
