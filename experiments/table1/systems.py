"""The systems of the table, and their published figures."""

from experiments.systems.system import System

BASELINE = System("promotions_only", "promotions_only")

OTHERS: tuple[System, ...] = tuple(
    System(name, name)
    for name in (
        "promotion_stream_only",
        "ads_stream_only",
        "ads_stream_anc",
        "single_task_pooled",
        "joint",
        "joint_mmoe",
        "joint_ple",
    )
)
"""Compared with `BASELINE`. To add a system, add its recipe here or with `--recipes`."""

PUBLISHED: dict[tuple[str, str], float] = {
    ("promotion_stream_only", "promotion"): -0.079,
    ("promotion_stream_only", "ad"): -0.088,
    ("ads_stream_only", "promotion"): -0.652,
    ("ads_stream_only", "ad"): 0.270,
    ("ads_stream_anc", "promotion"): -0.648,
    ("ads_stream_anc", "ad"): 0.465,
    ("joint", "promotion"): 0.045,
    ("joint", "ad"): 0.502,
}
"""AP of streams relative to `promotions_only` by system and source, on the logs of the publication (WSDM 2026, doi
10.1145/3773966.3779388). Shown beside our figures, and used nowhere else."""
