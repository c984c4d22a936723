"""What ML Metadata knows of runs: typed records, and the store that they are read from."""
