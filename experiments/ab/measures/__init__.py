"""What all of `coldcast ab` shares: metrics, segments, the sums of users, and the change of a ratio."""
