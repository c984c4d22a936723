"""The logs of one arm: those of the world without the impressions of the other arms."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.ab.measures.user_days import ARM
from experiments.ab.policies.policy import Policy

_TABLES = ("episodes", "shows", "users", "impressions", "interactions")
"""Without the truth and the candidates, which no training reads. Impressions come before interactions with them."""


@dataclass
class OwnLogs:
    """Logs that grow as others do, with the impressions of one arm, and those before the test.

    An interaction that names an impression of another arm is left out, too. What users hear of their own accord stays:
    it belongs to no arm.

    Attributes:
        arm: its name.
        logs: the logs of all arms.
        folder: the logs of the arm.
    """

    arm: str
    logs: Path
    folder: Path
    _seen: set[Path] = field(default_factory=set)
    _left_out: set[str] = field(default_factory=set)

    def follow(self) -> None:
        """Adds the files that `logs` got since the last call."""
        for table in _TABLES:
            for path in sorted((self.logs / table).rglob("*.parquet")):
                place = path.relative_to(self.logs)
                if place not in self._seen:
                    self._seen.add(place)
                    (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
                    self._copy(path, self.folder / place, table)

    def _copy(self, path: Path, to: Path, table: str) -> None:
        if table == "impressions" and ARM in pq.read_schema(path).names:
            rows = pq.ParquetFile(path).read()
            own = pc.or_kleene(pc.is_null(rows[ARM]), pc.equal(rows[ARM], self.arm))
            self._left_out.update(rows.filter(pc.invert(own))["impression_id"].to_pylist())
            pq.write_table(rows.filter(own), to)
            return
        if table == "interactions" and self._left_out:
            rows = pq.ParquetFile(path).read()
            others = pc.is_in(rows["impression_id"], pa.array(sorted(self._left_out), pa.string()))
            pq.write_table(rows.filter(pc.invert(others)), to)
            return
        try:
            os.link(path, to)
        except OSError:  # another filesystem, or one without links
            shutil.copy2(path, to)


def own_logs_of(policies: Sequence[Policy], logs: Path, folder: Path) -> dict[str, OwnLogs]:
    """The logs of each arm whose model is its own, by `Policy.model`; each arm gets a part of `folder`."""
    own = {number: policy for number, policy in enumerate(policies) if policy.own}
    return {policy.model: OwnLogs(policy.name, logs, folder / f"{number}") for number, policy in own.items()}
