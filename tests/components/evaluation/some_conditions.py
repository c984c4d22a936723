"""A condition of each kind."""

from components.evaluation.conditions import Condition

LIFT = Condition(kind="lift", head="ad_stream", sources=("ad",), bound=1.5)
KEPT = Condition(kind="kept", head="ad_stream", sources=("ad",), tiers=(3, 4), max_relative_drop=0.05)
CALIBRATED = Condition(kind="calibrated", head="ad_stream", sources=("ad",), between=(0.8, 1.25))
FINITE = Condition(kind="finite", head="click", sources=("promotion", "ad"))
