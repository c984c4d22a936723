"""`coldcast ab simulate`: a budget-split test of two models, or more, in the simulated world."""
