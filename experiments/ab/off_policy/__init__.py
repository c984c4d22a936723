"""`coldcast ab off-policy`: what another policy would earn, from the logs of the one that ran (docs/ab.md)."""
