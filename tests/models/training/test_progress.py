import io

from rich.console import Console

from models.calibration import IDENTITY, Calibration
from models.metrics.readings import Reading
from models.training.epochs import Epoch
from models.training.expert_use import ExpertUse
from models.training.progress import TrainingProgress
from models.training.warm_start import Carried


def test_an_epoch_s_line_has_the_ap_of_every_stream_task_whatever_its_name() -> None:
    streamed, clicked = Reading("played_ad", "stream", "ad", 0.25, 3, 9), Reading("upstream", "click", "ad", 0.75, 3, 9)
    screen = io.StringIO()
    fresh = ("tower_save/logit/kernel", "tower_save/logit/bias")
    carried = Carried("models/7", ("a", "b"), fresh, {"show": 5}, {"show": 2}, ("age",))
    with TrainingProgress("joint", 4, Console(file=screen, width=200)) as progress:
        progress.started(carried)
        progress.epoch(Epoch(1, {"played_ad": 0.5}, (streamed, clicked), 0.25, 100, 2.0))
        both = (streamed, clicked, Reading("ad_stream", "stream", "ad", 0.5, 3, 9))
        progress.epoch(Epoch(2, {"played_ad": 0.5}, both, 0.25, 100, 2.0))
        progress.chosen(1, 3)
        progress.calibrated({"click": IDENTITY, "like": Calibration(1.0, 0.5, "gets a bias alone: few")})
        used, unused = ExpertUse("a", {}, 0.5, None), ExpertUse("b", {}, 1.0, "gives 0 for every row")
        progress.experts([used, used])
        progress.experts([used, unused])
    assert screen.getvalue() == (
        "joint: starts from models/7: 2 of 4 weights, 5 of 7 embedding rows; fresh: tower_save, age\n"
        "joint epoch 1/4: loss 0.5000, stream AP ad 0.2500, 50 examples/s\n"
        "joint epoch 2/4: loss 0.5000, stream AP played_ad 0.2500, ad_stream 0.5000, 50 examples/s\n"
        "joint: the model is that of epoch 1, the best of 3\n"
        "joint calibration: like gets a bias alone: few\n"
        "joint never uses 1 of its 2 experts: b gives 0 for every row\n"
    )


def test_the_bar_is_as_long_as_an_epoch_of_the_training() -> None:
    screen = io.StringIO()
    with TrainingProgress("joint", 4, Console(file=screen, width=200, force_terminal=True)) as progress:
        progress.begin(2_000)
        progress.epoch(Epoch(1, {}, (), 0.25, 2_000, 2.0))
    assert "0/2000" in screen.getvalue()
