"""Training: prepared rows, the feed, the step, stopping, and the loop over them."""
