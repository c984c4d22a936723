from experiments.systems.configs import Model, worlds_of
from experiments.systems.judged import Judged
from experiments.systems.system import System
from experiments.transfer.gains import best, counted
from experiments.transfer.grid import Coordinates
from experiments.transfer.systems import SILOS
from pipeline.configuration.file import load_config

(WORLD,) = worlds_of(load_config("tiny"), "/out")


def judged(validation: dict[str, list[float]]) -> dict[Model, Judged]:
    """Validation AP on ads of each seed, by system."""
    return {
        Model(WORLD, System(name, name), seed): Judged(
            "", {"ad": ap, "promotion": 1 - ap}, {"ad": 900, "promotion": 400}
        )
        for name, aps in validation.items()
        for seed, ap in enumerate(aps)
    }


def test_the_best_silo_is_that_of_the_validation_days():
    models = judged({"ads_stream_anc": [0.1, 0.4], "ads_stream_only": [0.2, 0.2]})
    assert best(models, WORLD, SILOS["ad"], "ad").name == "ads_stream_anc"
    models = judged({"ads_stream_anc": [0.1, 0.2], "ads_stream_only": [0.2, 0.2]})
    assert best(models, WORLD, SILOS["ad"], "ad").name == "ads_stream_only"


def test_ratio_and_amount_of_real_logs_are_counted():
    models = judged({"joint": [0.1]})
    assert counted(Coordinates(0.8, 0.6, 0.0, 0), models, WORLD) == Coordinates(0.8, 0.6, 2.25, 400)
    few = Judged("", {}, {"ad": 33, "promotion": 10_000})
    assert counted(Coordinates(0.8, 0.6, 0.0, 0), dict.fromkeys(models, few), WORLD).ratio == 0.0033
    given = Coordinates(0.8, 0.6, 4.0, 1000)
    assert counted(given, models, WORLD) == given
