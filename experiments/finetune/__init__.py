"""`coldcast experiment finetune`: how many rows a new task needs, fine-tuned or from nothing."""
