"""The logistic response, checked against numbers worked out by hand."""

import numpy as np
import pytest

from simulation.calibration import calibrate, rehearse
from simulation.config import SimulationConfig
from simulation.effects import DEVICE_EFFECTS, RATES, TERMS
from simulation.impressions import Impressions
from simulation.names import DEVICES
from simulation.placements import PLACEMENTS
from simulation.response import logits_of, probabilities_of, respond, terms_of
from simulation.world import draw_world


def _shown(rows: int, **columns: object) -> Impressions:
    zeros = np.zeros(rows, np.int64)
    names = (
        "time_us",
        "user",
        "show",
        "episode",
        "device",
        "placement",
        "position",
        "campaign",
        "creative",
        "spend_micros",
        "sale",
    )
    values = dict.fromkeys(names, zeros) | {"is_ad": np.zeros(rows, bool), "position": zeros + 1}
    return Impressions(**(values | {name: np.asarray(value) for name, value in columns.items()}))


def test_logits_by_hand() -> None:
    terms = np.zeros((2, len(TERMS)))
    terms[:, list(TERMS).index("affinity")] = 2.0
    terms[:, list(TERMS).index("fatigue")] = 1.0
    hero = PLACEMENTS.index(next(placement for placement in PLACEMENTS if placement.slot == "hero"))
    audio = PLACEMENTS.index(next(placement for placement in PLACEMENTS if placement.slot == "midroll"))
    shown = _shown(2, is_ad=[False, True], placement=[hero, audio], device=[list(DEVICES).index("ios")] * 2)
    intercepts = np.array([[-3.0, 0, 0, 0], [-6.0, 0, 0, 0]])
    stream = logits_of(shown, terms, intercepts)[:, 0]
    # intercept + 2 affinity + fatigue + placement + device
    assert stream[0] == pytest.approx(-3.0 + 2 * 0.85 - 0.30 + 0.5 + 0.1)
    assert stream[1] == pytest.approx(-6.0 + 2 * 0.75 - 0.30 + 0.1 + 0.1)


def test_like_and_follow_are_averaged_over_the_stream() -> None:
    logit = np.log(np.array([[1.0, 1.0, 1.0, 3.0]]))  # odds 1 and 3
    p = probabilities_of(logit)[0]
    after = np.exp(2.0)
    assert p[:2].tolist() == [0.5, 0.5]
    assert p[2] == pytest.approx(0.5 * after / (1 + after) + 0.5 * 0.5)
    assert p[3] == pytest.approx(0.5 * 3 * after / (1 + 3 * after) + 0.5 * 0.75)


def test_outcomes_have_their_probabilities() -> None:
    shown = _shown(40_000)
    terms = np.zeros((40_000, len(TERMS)), np.float32)
    intercepts = np.array([[-1.0, 0.0, -2.0, 0.5]] * 2)
    response = respond(np.random.default_rng(0), shown, terms, intercepts)
    np.testing.assert_allclose(response.outcomes.mean(axis=0), response.probabilities[0], atol=0.01)


def test_terms_count_what_was_shown_earlier_today() -> None:
    config = SimulationConfig(preset="tiny", seed=0, users=50, shows=60, days=1, warmup_days=0, impressions=100)
    world = draw_world(config)
    shown = _shown(4, user=[1, 1, 2, 1], show=[9, 9, 9, 8])
    terms = terms_of(world, shown, np.array([2, 2, 0, 0]), np.zeros(4, bool), np.zeros(4))
    np.testing.assert_allclose(terms[:, list(TERMS).index("fatigue")], np.log1p([2, 3, 0, 0]), rtol=1e-6)


def test_calibration_gives_the_rates_on_its_rehearsal() -> None:
    world = draw_world(SimulationConfig(preset="tiny", seed=5))
    shown, terms = rehearse(world)
    p = probabilities_of(logits_of(shown, terms, calibrate(world)))
    for is_ad in (False, True):
        np.testing.assert_allclose(p[shown.is_ad == is_ad].mean(axis=0), RATES[int(is_ad)], rtol=1e-9)


def test_tables_of_effects_name_what_exists() -> None:
    assert DEVICE_EFFECTS.keys() == DEVICES.keys()
    shares: dict[tuple[str, str | None], float] = {}
    for placement in PLACEMENTS:
        key = (placement.source, placement.creative_format)
        shares[key] = shares.get(key, 0.0) + placement.share
    assert all(total == pytest.approx(1.0) for total in shares.values())
