"""A run, its nodes, and their outputs, as ML Metadata has them; nothing here reads the store."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

PUSHER = "AtomicPusher"
SERVABLE_GATE = "ServableGate"
REPORT = "Report"


@dataclass(frozen=True)
class Output:
    """An artifact.

    Attributes:
        uri: its folder.
        properties: the properties that its node gave it.
        removed: whether `coldcast runs clean` removed the folder.
    """

    uri: str
    properties: dict[str, Any]
    removed: bool = False


@dataclass(frozen=True)
class Node:
    """One TFX node of a run.

    Attributes:
        id: the node's id, such as `Trainer.joint`.
        state: `complete`, `cached`, `failed`, `running`, or `canceled`; a killed node stays `running`.
        seconds: from its start to its last update; for a cached node, the time of the look-up.
        outputs: artifacts by output key.
        started: when it began, in UTC; None if that is not known.
    """

    id: str
    state: str
    seconds: float
    outputs: dict[str, tuple[Output, ...]] = field(default_factory=dict)
    started: datetime | None = None

    @property
    def idle(self) -> bool:
        """Whether this node runs each time, and had nothing to do this time.

        Resolvers and importers look for artifacts in each run; the gate before the pusher checks the model again; the
        pusher looks whether the model is published.
        """
        if self.state != "complete":
            return False
        pushed = self.outputs.get("pushed_model", ())
        published = any(output.properties.get("push_outcome") == "published" for output in pushed)
        looks = self.id.startswith(("Resolver.", "Importer.")) or self.id == SERVABLE_GATE
        return looks or (bool(pushed) and not published)


@dataclass(frozen=True)
class RunNotes:
    """The runner's notes about a run, in addition to TFX's records; empty if the run was killed before.

    Attributes:
        command: the command that starts such a run again.
        log: the file with the messages of the libraries.
        error: why the run stopped, in one sentence.
        settings: the hash of the settings that figures depend on; the config may have changed since.
        logs: the folder of the logs.
    """

    command: str = ""
    log: str = ""
    error: str = ""
    settings: str = ""
    logs: str = ""

    @classmethod
    def properties(cls) -> dict[str, str]:
        """The property of a run's context that holds each field."""
        return {note.name: f"coldcast_{note.name}" for note in fields(cls)}


@dataclass(frozen=True)
class Run:
    """One run of a pipeline.

    Attributes:
        id: TFX's id of the run, which begins with its start in local time.
        started: when it began, in UTC.
        nodes: its nodes in the order in which they began.
        ended: whether it reached its end, as the runner notes in the metadata store.
        notes: the runner's other notes there.
    """

    id: str
    started: datetime
    nodes: tuple[Node, ...]
    ended: bool
    notes: RunNotes = RunNotes()

    @property
    def state(self) -> str:
        """`failed` if a node failed, `unfinished` if the run did not end, `cached` if all was cached, or `complete`.

        Idle nodes do not count.
        """
        states = {node.state for node in self.nodes if not node.idle}
        if "failed" in states:
            return "failed"
        if not self.ended:
            return "unfinished"
        return "complete" if "complete" in states else "cached"

    @property
    def trial(self) -> bool:
        """Whether the run was not meant to publish anything, for example with `pusher.enabled` false."""
        return self.ended and self.node(PUSHER) is None

    @property
    def branches(self) -> tuple[str, ...]:
        """Names of the branches that this run has judged, and whose evaluations are still there."""
        ids = (node.id for node in self.nodes if self.outputs(node.id, "evaluation"))
        return tuple(id_.removeprefix("Evaluator.") for id_ in ids if id_.startswith("Evaluator."))

    @property
    def blessed(self) -> tuple[str, ...]:
        """Names of the branches whose models this run blessed."""
        return tuple(
            node.id.removeprefix("Evaluator.")
            for node in self.nodes
            if node.id.startswith("Evaluator.")
            and any(output.properties.get("blessed") == 1 for output in node.outputs.get("blessing", ()))
        )

    @property
    def version(self) -> str:
        """Folder of the version that is this run's model, published by this run or an earlier one; empty if none."""
        return str(self._pushed.get("pushed_destination", ""))

    @property
    def published(self) -> bool:
        """Whether this run published `version`."""
        return self._pushed.get("push_outcome") == "published"

    @property
    def _pushed(self) -> dict[str, Any]:
        node = self.node(PUSHER)
        return next((output.properties for output in node.outputs.get("pushed_model", ())), {}) if node else {}

    def node(self, node_id: str) -> Node | None:
        """The node with this id, None if it did not start."""
        return next((node for node in self.nodes if node.id == node_id), None)

    def outputs(self, node_id: str, key: str) -> tuple[str, ...]:
        """URIs of the artifacts that a node wrote under `key` and that are still there; empty if there are none."""
        node = self.node(node_id)
        return tuple(output.uri for output in node.outputs.get(key, ()) if not output.removed) if node else ()
