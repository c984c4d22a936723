"""How far distributions may move before a run stops: against the last run, and between training and test."""

import difflib
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Distance = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class Thresholds(BaseModel):
    """The largest distance accepted for each feature; all distances lie between 0 and 1.

    Features with a vocabulary are compared by the L-infinity distance (the largest change of any value's share),
    numeric features and vectors by the Jensen-Shannon divergence of their quantile histograms. Hashed ids and the
    weekday are compared only if `features` names them: new ids appear every day, and a few days hold few weekdays.
    Labels and keys are never compared.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="Whether to compare anything.")
    category: Distance = Field(default=0.15, description="L-infinity distance of features of strings.")
    numeric: Distance = Field(default=0.15, description="Jensen-Shannon divergence of features of numbers.")
    missing: Distance = Field(
        default=0.15, description="Change of the share of rows without a value, for every feature."
    )
    features: dict[str, Distance | None] = Field(
        default={},
        description="Distances by feature, in place of `category` and `numeric`. null: the feature is not compared.",
    )


class TrainTestThresholds(Thresholds):
    """Like Thresholds, but wider: training and test are weeks apart, and a few test days hold few shows.

    Features that count impressions (`transforms.responses.counts_impressions`), all of response history among them, are
    compared only if `features` names them: nothing is known of impressions before the logs, so these features grow over
    the first 30 days, and the training split has these days.
    """

    numeric: Distance = Field(default=0.25, description="Jensen-Shannon divergence of features of numbers.")


class ValidationConfig(BaseModel):
    """The bounds that stop a run between ingestion and training, beside the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drift: Thresholds = Field(
        default=Thresholds(),
        description="This run's training split against that of the last run that passed.",
    )
    train_test: TrainTestThresholds = Field(
        default=TrainTestThresholds(), description="The test split against the training split."
    )

    def check_names(self, known: Iterable[str]) -> None:
        """Rejects thresholds for unknown features.

        Args:
            known: names of the features, also of those that the config leaves out.

        Raises:
            ValueError: a threshold names a feature that is not in `known`; the message begins with its key.
        """
        valid = list(known)
        for section, thresholds in (("drift", self.drift), ("train_test", self.train_test)):
            for name in thresholds.features:
                if name not in valid:
                    close = difflib.get_close_matches(name, valid, n=1)
                    hint = f", did you mean {close[0]}? The" if close else "; the"
                    raise ValueError(
                        f"validation.{section}.features.{name}: there is no such feature{hint} features are "
                        f"{', '.join(valid)}"
                    )
