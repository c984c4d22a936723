"""Response rates from counts (docs/data.md#response-history)."""

import numpy as np

from components.ingestion.compute.response_counts import CountColumns


def rates(counts: np.ndarray, prior: np.ndarray, smoothing: float, columns: CountColumns) -> np.ndarray:
    """The log odds of a response, smoothed, above those of the whole source.

        logit((responses + a p) / (shown + a)) - logit(p),    p = responses / shown of the whole source

    The value is 0 where nothing was shown.

    Args:
        counts: int [n, columns], or float with NaN in rows without counts.
        prior: int [columns], the sums of the whole source.
        smoothing: a, greater than 0: as many impressions at the rate p are added.
        columns: their layout.

    Returns:
        float64 [sources, kinds, n]; NaN without counts, and where p is 0, 1, or unknown because the source showed
        nothing.
    """
    result = np.full((columns.sources, columns.kinds, len(counts)), np.nan)
    for source in range(columns.sources):
        column = columns.shown(source)
        shown = np.ascontiguousarray(counts[:, column], np.float64)
        for kind in range(columns.kinds):
            responded = columns.responded(source, kind)
            if not 0 < prior[responded] < prior[column]:
                continue
            p = prior[responded] / prior[column]
            answered = np.ascontiguousarray(counts[:, responded], np.float64)
            odds = (answered + smoothing * p) / (shown - answered + smoothing * (1 - p))
            result[source, kind] = np.where(shown == 0, 0.0, np.log(odds) - np.log(p / (1 - p)))
    return result
