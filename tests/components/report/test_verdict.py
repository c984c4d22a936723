"""What the first sentences of a report say."""

from tests.components.report.example import example_report


def test_the_verdict_says_what_was_blessed_published_and_better():
    refused, blessed, published, better = example_report().verdict
    assert refused == "promotions_only is not blessed: stream on ad: AP 0.2 is below the threshold."
    assert blessed == "joint is blessed."
    assert published == "Version 1795813540 is published."
    assert better.startswith("joint beside promotions_only, AP of streams on the same test rows: promotion +")
    assert " to " in better and "%)" in better
