"""One module per engine that can run the pipeline."""
