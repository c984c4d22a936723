"""The file of a training report, in the folder of a ModelRun artifact."""

TRAINING_REPORT = "training.json"
