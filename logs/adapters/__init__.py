"""Public data sets as raw logs of this project, one module each."""
