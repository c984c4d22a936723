"""TFX components of our own, one folder each: pure functions inside, a thin TFX shell around."""
