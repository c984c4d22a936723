"""Finds values of the config by training: KerasTuner chooses them, validation AP judges them (docs/model.md#tuning)."""
