"""AP of gradient boosting and, in a simulated world, of the true probabilities, on the test rows of a model.

    coldcast ingest --config configs/default.yaml --out work/default/ingested
    python -W ignore -m benchmarks.references --config configs/default.yaml --ingested work/default/ingested

The rows are the test days, the label is a stream, and each source has its own line. The boosted trees have
scikit-learn's defaults and learn from the train days of all sources; categories and ids are target-encoded. The true
probability is that an impression causes a stream. A label can also come from a stream that would have happened anyway,
so the last column scores the truth against caused streams only.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

from components.ingestion.outputs.accounting import read_accounting
from components.split.days import assign_days
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from transforms.feature import Feature


def main() -> None:
    """Prints positives and APs for each source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("configs/default.yaml"))
    parser.add_argument("--ingested", type=Path, required=True, help="folder that `coldcast ingest` wrote")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="the same overrides as for `coldcast ingest`"
    )
    options = parser.parse_args()
    config = load_config(options.config, options.set)
    splits = _splits(options.ingested, config)
    scores = {"boosting": _boosting(splits, config)}
    test = splits["test"]
    labels = dict.fromkeys(scores, test["stream"].to_numpy())
    truth = Path(config.logs) / "truth" / "impressions"
    if truth.is_dir():
        probability, caused = _truth(test, truth)
        scores |= {"truth": probability, "truth on caused": probability}
        labels |= {"truth": test["stream"].to_numpy(), "truth on caused": caused}
    print(f"{'source':10} {'positives':>9} {'base rate':>9}" + "".join(f"{name:>17}" for name in scores))
    for source in config.sources:
        rows = (test["source"] == source).to_numpy()
        streams = test["stream"].to_numpy()[rows]
        note = ""
        if "truth" in scores:
            note = f"  ({labels['truth on caused'][rows][streams == 1].mean():.0%} of the positives were caused)"
        aps = [average_precision_score(labels[name][rows], values[rows]) for name, values in scores.items()]
        print(f"{source:10} {streams.sum():9} {streams.mean():9.2%}" + "".join(f"{ap:17.4f}" for ap in aps) + note)


def _splits(ingested: Path, config: Config) -> dict[str, pl.DataFrame]:
    rows = pl.read_parquet(ingested / "labelled" / "*.parquet")
    days: Mapping[str, Sequence[date]] = assign_days(read_accounting(str(ingested)).days, config.split)
    return {name: rows.filter(pl.col("timestamp").dt.date().is_in(list(members))) for name, members in days.items()}


def _boosting(splits: Mapping[str, pl.DataFrame], config: Config) -> np.ndarray:
    table = config.feature_table
    texts = [feature.name for feature in table if not feature.storage.is_number] + ["source"]
    encode = make_column_transformer((TargetEncoder(random_state=config.seed), texts), remainder="passthrough")
    model = make_pipeline(encode, HistGradientBoostingClassifier(random_state=config.seed))
    train, test = (_inputs(splits[name], table).to_pandas() for name in ("train", "test"))
    model.fit(train, splits["train"]["stream"].to_numpy())
    return model.predict_proba(test)[:, 1]


def _inputs(rows: pl.DataFrame, table: tuple[Feature, ...]) -> pl.DataFrame:
    """A column for each input: numbers, and texts with the first of several; vectors are spread out."""
    columns = [pl.col("source")]
    for feature in table:
        kind, column = feature.storage, pl.col(feature.name)
        if not kind.is_number:
            text = column.list.first() if kind.several else column
            columns.append(text.fill_null("").alias(feature.name))
        elif kind.several:
            columns += [
                column.list.get(place, null_on_oob=True).alias(f"{feature.name}_{place}")
                for place in range(feature.length)
            ]
        else:
            columns.append(column)
    return rows.select(columns)


def _truth(test: pl.DataFrame, truth: Path) -> tuple[np.ndarray, np.ndarray]:
    """Each test impression's true probability of a stream, and whether it caused one."""
    known = pl.read_parquet(truth / "**" / "*.parquet", columns=["impression_id", "p_stream", "does_stream"])
    rows = test.select("impression_id").join(known, on="impression_id", how="left", maintain_order="left")
    return rows["p_stream"].to_numpy(), rows["does_stream"].to_numpy()


if __name__ == "__main__":
    main()
