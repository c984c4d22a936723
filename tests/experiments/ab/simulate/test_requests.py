"""What a server knows at each request."""

import numpy as np

from experiments.ab.simulate.requests import requests_of
from logs.times import DAY_US
from simulation.config import SimulationConfig
from simulation.opportunities import draw_opportunities
from simulation.randomness import Purpose, generator
from simulation.world import draw_world


def test_requests_one_by_one() -> None:
    config = SimulationConfig(preset="tiny", seed=0, users=80, shows=60, days=3, warmup_days=4, impressions=900)
    world, day = draw_world(config), 5
    moments = draw_opportunities(world, generator(config.seed, Purpose.OPPORTUNITIES, day), day)
    requests = requests_of(world, day)
    ads = np.flatnonzero(moments.is_ad)
    assert len(requests.position) == len(ads) > 100
    for row, ad in enumerate(ads.tolist()):
        time = moments.time_us[ad]
        earlier = moments.time_us[(moments.user == moments.user[ad]) & (moments.time_us < time)]
        in_session = (moments.session == moments.session[ad]) & (moments.time_us < time)
        assert requests.seen_today[row] == len(earlier)
        assert requests.position[row] == 1 + in_session.sum()
        assert requests.since_midnight[row] == (time - day * DAY_US) / 1e6
        expected = (time - earlier.max()) / 1e6 if len(earlier) else np.nan
        np.testing.assert_equal(requests.since_last[row], expected)
