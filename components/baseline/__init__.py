"""The baselines of a run: the last blessed model of each branch, and the statistics of the last run that passed."""
