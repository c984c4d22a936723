"""The systems that are compared at each point."""

from experiments.systems.system import System
from transforms.domain import DEFAULT_SOURCES

PROMOTION, AD = DEFAULT_SOURCES

JOINT = System("joint", "joint")
POOLED = System("single_task_pooled", "single_task_pooled")

SILOS: dict[str, tuple[System, ...]] = {
    PROMOTION: (System("promotions_only", "promotions_only"), System("promotion_stream_only", "promotion_stream_only")),
    AD: (System("ads_stream_anc", "ads_stream_anc"), System("ads_stream_only", "ads_stream_only")),
}
"""Systems that learn from one source alone, by source. The best of them on the validation days is compared with."""

SYSTEMS: tuple[System, ...] = (JOINT, POOLED, *SILOS[PROMOTION], *SILOS[AD])
