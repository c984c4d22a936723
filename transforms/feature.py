"""A feature: one input of the model, as data. `transforms/features.py` is the table of features."""

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from transforms.domain import Name
from transforms.kinds import FEATURE_KINDS, Kind

Group = Literal["user", "content", "context", "creative"]
Per = Literal["request", "candidate"]

FEATURE_TABLES = ("impressions", "users", "shows", "episodes", "derived")


class Values(Protocol):
    """The attributes of a `Feature` that decide its values."""

    @property
    def kind(self) -> str:
        """A row of `FEATURE_KINDS`."""

    @property
    def column(self) -> str:
        """Where ingestion finds them."""

    @property
    def length(self) -> int:
        """The dimension of a vector, or the most values kept."""


class Feature(BaseModel):
    """One input of the model.

    Attributes:
        name: its column in the labelled impressions, its key in tf.Examples and its name in the serving signatures.
        group: the group it is switched on and off with.
        kind: a row of `FEATURE_KINDS` (`transforms/kinds.py`), for example `numeric` or `category`.
        column: where ingestion finds it: `table.column` of the raw logs, or `derived.name` for a value that ingestion
            computes (`components/ingestion`). Never a column of `interactions`: models predict those.
        per: `request` features are the same for all candidates of a request, `candidate` features differ.
        source: the only source that it is about, because no other fills it or because it counts the source's
            impressions; a recipe that is not trained on that source does not use the feature.
        log: for z-scored kinds: take log(1 + x) first, for counts with heavy tails.
        buckets: for hashed kinds: number of hash buckets.
        shares: for hashed kinds: the hashed feature whose buckets and embedding rows it uses, so that a value means the
            same in both. A model that does not take that feature gives this one rows of its own.
        length: for kinds with several values, where it is required: `vector`: its dimension; `categories` and
            `hashed_list`: the most values kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    group: Group
    kind: str
    column: str = Field(pattern=r"^[a-z]+\.[A-Za-z0-9_]+$")
    per: Per
    source: Name | None = None
    log: bool = False
    buckets: int = Field(default=10_000, gt=0)
    shares: str | None = None
    length: int = Field(default=1, gt=0)

    @property
    def storage(self) -> Kind:
        """How values of the feature's kind are stored, packed, and learned."""
        return FEATURE_KINDS[self.kind]

    @property
    def width(self) -> int:
        """Columns in the packed tensors."""
        return self.storage.columns(self.length)

    @field_validator("name")
    @classmethod
    def _can_be_an_argument(cls, name: str) -> str:
        if name == "self":  # signatures are functions of the features
            raise ValueError("no signature can have an input of this name; choose another")
        return name

    @field_validator("kind")
    @classmethod
    def _in_the_table(cls, kind: str) -> str:
        if kind not in FEATURE_KINDS:
            raise ValueError(f"unknown kind {kind!r}; valid kinds are {', '.join(FEATURE_KINDS)}")
        return kind

    @field_validator("column")
    @classmethod
    def _of_a_table_with_features(cls, column: str) -> str:
        table = column.partition(".")[0]
        if table not in FEATURE_TABLES:
            raise ValueError(f"features cannot come from {table!r}; name a column of {', '.join(FEATURE_TABLES)}")
        return column

    @model_validator(mode="after")
    def _has_its_length(self) -> "Feature":
        if self.storage.several and "length" not in self.model_fields_set:
            raise ValueError(f"{self.name}: give its `length`, {self.storage.length_is}")
        return self

    @model_validator(mode="after")
    def _shares_a_hash(self) -> "Feature":
        if self.shares is not None and self.storage.encoding != "hash":
            raise ValueError(f"{self.name}: only hashed kinds can have `shares`, not {self.kind}; remove it")
        if self.shares == self.name:
            raise ValueError(f"{self.name}: a feature cannot share the rows of itself; remove `shares`")
        return self

    @model_validator(mode="after")
    def _same_for_all_candidates(self) -> "Feature":
        table = self.column.partition(".")[0]
        if self.per == "request" and table in ("shows", "episodes"):
            raise ValueError(f"{self.column} differs by candidate; write per: candidate")
        return self


def difference(before: Values, now: Values) -> str | None:
    """How two features of one name hold different values, in a few words; None if they hold the same values."""
    if (before.kind, before.column) != (now.kind, now.column):
        return f"{before.kind} from {before.column}, here {now.kind} from {now.column}"
    # A model takes any number of values of a ragged list, but only vectors of its own length.
    if FEATURE_KINDS[now.kind].several == "fixed" and before.length != now.length:
        return f"of length {before.length}, here {now.length}"
    return None
