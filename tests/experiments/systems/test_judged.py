from experiments.systems.judged import validation_ap


def reading(head: str, label: str, source: str, ap: float | None) -> dict:
    return {"head": head, "label": label, "source": source, "ap": ap}


def test_validation_ap_is_that_of_the_chosen_epoch_and_of_streams():
    report = {
        "chosen_epoch": 2,
        "epochs": [
            {"readings": [reading("ad_stream", "stream", "ad", 0.9)]},
            {
                "readings": [
                    reading("ad_stream", "stream", "ad", 0.2),
                    reading("long_ad_stream", "stream", "ad", 0.7),
                    reading("promotion_stream", "stream", "promotion", None),
                    reading("click", "click", "promotion", 0.5),
                ]
            },
        ],
    }
    assert validation_ap(report) == {"ad": 0.2}
