"""`coldcast tune`: the search for values of branches, as a run of the pipeline."""
