"""What a run is compared with: the last blessed model of a branch, the statistics of the last run that passed."""
