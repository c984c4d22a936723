"""The model that the training of a branch starts from, as a node of the pipeline."""
