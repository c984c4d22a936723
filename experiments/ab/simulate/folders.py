"""The folder of a test's result. Its name hashes all that the test depends on, so the same command finds it again."""

from collections.abc import Sequence
from pathlib import Path

from experiments.ab.policies.policy import Policy
from files.kept import key_of
from pipeline.configuration.config import Config


def results_of(folder: Path, config: Config, policies: Sequence[Policy], days: int, run_id: str) -> Path:
    """The folder of one world's test, which need not exist."""
    settings = (config.simulation, config.ingestion, config.tiers, config.domain, config.features)
    key = key_of(
        "with candidates",
        *(section.model_dump_json() for section in settings if section),
        [p.name for p in policies],
        days,
        run_id,
    )
    seed = config.simulation.seed if config.simulation else 0
    return folder / "ab" / f"seed-{seed}-{key[:12]}"
