import pytest

from experiments.systems.errors import SystemsError
from experiments.transfer.grid import Coordinates, grid_of, impressions
from pipeline.configuration.file import load_config

TINY = load_config("tiny")


@pytest.mark.parametrize(("ratio", "total"), [(4.0, 5000), (1.0, 2000), (0.25, 5000)])
def test_the_scarce_channel_has_the_same_amount_whichever_it_is(ratio: float, total: int):
    assert impressions(Coordinates(0.8, 0.6, ratio, 1000)) == total


def test_a_point_is_a_world_of_its_own():
    points = grid_of(TINY, "/out", [(0.0, 0.0), (0.8, 0.6)], [1.0, 4.0], [2000])
    assert [point.coordinates for point in points] == [
        Coordinates(0.0, 0.0, 1.0, 2000),
        Coordinates(0.8, 0.6, 1.0, 2000),
        Coordinates(0.0, 0.0, 4.0, 2000),
        Coordinates(0.8, 0.6, 4.0, 2000),
    ]
    world = points[-1].world.config
    assert world.simulation is not None
    assert world.simulation.impressions == 10_000
    assert (world.simulation.show_correlation, world.simulation.user_correlation) == (0.8, 0.6)
    assert world.simulation.ads_per_promotion == 4.0
    assert len({point.world.config.root for point in points}) == 4


def test_without_an_amount_the_scarce_channel_is_that_of_the_configs_world():
    (point,) = grid_of(TINY, "/out", [(0.8, 0.6)], [4.0], [])
    assert point.coordinates.scarce == 4000  # a fifth of 20,000
    (fewer_ads,) = grid_of(load_config("tiny", ["simulation.ads_per_promotion=0.25"]), "/out", [(0.8, 0.6)], [4.0], [])
    assert fewer_ads.coordinates.scarce == 4000


def test_real_logs_are_one_point():
    real = load_config("kuairand")
    (point,) = grid_of(real, "/out", [(0.8, 0.63)], [1.0, 4.0], [])
    assert point.world.name == "logs"
    with pytest.raises(SystemsError, match="real logs are one point, not 2"):
        grid_of(real, "/out", [(0.8, 0.63), (0.0, 0.0)], [1.0], [])


def test_a_ratio_of_no_ads_is_refused():
    with pytest.raises(SystemsError, match="--ratios 0: there must be more than 0 ads"):
        grid_of(TINY, "/out", [(0.8, 0.6)], [0.0], [])


def test_a_correlation_out_of_range_names_its_key():
    with pytest.raises(SystemsError, match=r"simulation\.show_correlation"):
        grid_of(TINY, "/out", [(1.5, 0.6)], [1.0], [])
