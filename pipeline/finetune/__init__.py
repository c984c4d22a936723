"""Fine-tuning: a pipeline that adds a task to a blessed model and keeps the model's Transform."""
