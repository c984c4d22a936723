"""The interval of a difference holds the truth 95 times in 100, also with few positives of heavy-tailed users."""

import numpy as np
import pytest
from scipy.special import stdtrit

from components.evaluation.paired.difference import difference
from components.evaluation.paired.measures import MEASURES, Measured, Scored, average_precision
from tests.components.evaluation.paired.simulated import ALIKE, BETTER, Rows, draw

DRAWS = 300
TOLERATED = 3 * np.sqrt(0.05 * 0.95 / DRAWS)  # three standard errors of a share


@pytest.mark.parametrize(
    ("users", "intercept", "noise"),
    # About 55 and 690 positives.
    [(1_000, -6.0, ALIKE), (1_000, -6.0, BETTER), (3_000, -4.5, BETTER)],
)
def test_coverage(users: int, intercept: float, noise: tuple[float, float]) -> None:
    truth = {name: [1.0, 1.0] for name in MEASURES}  # alike, the models differ by chance alone
    if noise != ALIKE:
        population = draw(np.random.default_rng(99), 150_000, intercept, noise)
        sides = [population.scored(scores) for scores in (population.ours, population.theirs)]
        truth = {name: [measure(side).value for side in sides] for name, measure in MEASURES.items()}
    rng = np.random.default_rng(7)
    covered: dict[str, list[bool]] = {name: [] for name in MEASURES}
    for _ in range(DRAWS):
        rows = draw(rng, users, intercept, noise)
        ours, theirs = rows.scored(rows.ours), rows.scored(rows.theirs)
        for name, measure in MEASURES.items():
            result = difference([measure(ours)], [measure(theirs)])
            first, second = truth[name]
            covered[name].append(result.relative_low <= first / second - 1 <= result.relative_high)
            assert (result.p < 0.05) == (result.relative_low > 0 or result.relative_high < 0)
    for name, values in covered.items():
        assert np.mean(values) == pytest.approx(0.95, abs=TOLERATED + 0.01), name


def test_the_interval_is_the_bootstrap_s() -> None:
    rows = draw(np.random.default_rng(3), 2_000, -4.0, BETTER)
    result = difference([average_precision(rows.scored(rows.ours))], [average_precision(rows.scored(rows.theirs))])
    low, high = np.quantile(_drawn_differences(rows, replicates=300), (0.025, 0.975))
    assert result.high - result.low == pytest.approx(high - low, rel=0.15)


def _drawn_differences(rows: Rows, replicates: int) -> list[float]:
    """The differences in AP if users are drawn with replacement (Efron 1979; clusters: Field and Welsh 2007)."""
    rng, sides = np.random.default_rng(0), [rows.scored(scores) for scores in (rows.ours, rows.theirs)]
    users = sides[0].all_users
    differences = []
    for _ in range(replicates):
        times = np.bincount(rng.integers(0, users, users), minlength=users)
        first, second = (average_precision(_repeated(side, times[side.users])).value for side in sides)
        differences.append(first - second)
    return differences


def _repeated(rows: Scored, times: np.ndarray) -> Scored:
    labels, scores, users = (np.repeat(values, times) for values in (rows.labels, rows.scores, rows.users))
    return Scored(labels, scores, users, rows.all_users)


def test_a_model_does_not_differ_from_itself() -> None:
    rows = draw(np.random.default_rng(1), 300, -3.0, ALIKE)
    same = average_precision(rows.scored(rows.ours))
    result = difference([same], [same])
    assert (result.difference, result.low, result.high, result.relative, result.p) == (0, 0, 0, 0, 1)


def test_by_hand() -> None:
    ours, theirs = Measured(0.6, np.array([0.03, -0.01, -0.02])), Measured(0.5, np.array([0.01, 0.01, -0.02]))
    result = difference([ours], [theirs])
    # By user 0.02, -0.02, 0: the sum of squares is 8e-4, times 3 / 2 for three users. 2 M^2 / (sum d^4 - M^2 / 3) is
    # 2 * 64e-8 / (32e-8 - 64e-8 / 3) = 12, and no more than 2 degrees of freedom: Student's quantile is 4.3027.
    assert result.difference == pytest.approx(0.1)
    assert result.high - result.difference == pytest.approx(4.3027 * np.sqrt(1.2e-3), rel=1e-4)
    assert result.relative == pytest.approx(0.2)


def test_one_user_gives_no_interval() -> None:
    assert difference([Measured(0.5, np.array([0.1, 0.0]))], [Measured(0.4, np.array([0.2, 0.0]))]) is None


def test_the_chance_of_seeds_adds_to_that_of_users() -> None:
    """Each side's models have a value of their own; a difference that only seeds make must not look real."""
    rng = np.random.default_rng(5)
    seeds, users, repeats = 4, 60, 400
    covered, only_users = [], []
    for _ in range(repeats):
        sides = []
        of_users = rng.normal(size=users) * 0.002
        for _ in range(2):
            own = rng.normal(size=users) * 0.002
            together = rng.normal(size=(seeds, users)) * 0.002
            influences = of_users + own + together
            influences -= influences.mean(axis=1, keepdims=True)
            errors = (own + together).sum(axis=1)
            values = 0.5 + rng.normal(size=seeds) * 0.02 + errors
            sides.append([Measured(value, influence) for value, influence in zip(values, influences, strict=True)])
        result = difference(*sides)
        covered.append(result.low <= 0 <= result.high)
        mean = [
            Measured(np.mean([m.value for m in side]), np.mean([m.by_user for m in side], axis=0)) for side in sides
        ]
        without = difference([mean[0]], [mean[1]])
        only_users.append(without.low <= 0 <= without.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)
    assert np.mean(only_users) < np.mean(covered) - 0.02


def test_the_part_of_seeds_by_hand() -> None:
    ours = [Measured(0.6, np.array([0.02, -0.02, 0.0])), Measured(0.5, np.array([0.0, 0.02, -0.02]))]
    result = difference(ours, [Measured(0.4, np.zeros(3))])
    # The mean influence is 0.01, 0, -0.01, so users make 2e-4 times 2 / 1 = 4e-4. The variance of the two values is
    # 0.005, half of it 25e-4. Users and seeds together make (8e-4 - 2e-4) / 1 = 6e-4 of it: 19e-4 are the seeds' alone.
    assert result.seeds_share == pytest.approx(19 / 23)
    degrees = 23**2 / (4**2 + 19**2)  # one degree of freedom of the two users, one of the two seeds
    assert result.high - result.difference == pytest.approx(stdtrit(degrees, 0.975) * np.sqrt(23e-4))


def test_values_that_differ_by_rounding_are_equal() -> None:
    """Two models with the same probabilities, summed in another order, differ in the last digit and in no user."""
    by_user = np.array([0.1, -0.2, 0.05, 0.05])
    last_digit = np.array([0.0, 0.0, 0.0, 1e-17])
    result = difference([Measured(np.nextafter(0.3, 1.0), by_user + last_digit)], [Measured(0.3, by_user)])
    assert (result.difference, result.relative, result.p) == (0.0, 0.0, 1.0)
    assert result.relative_low <= 0.0 <= result.relative_high
