"""Policies that choose an ad for each impression, as both simulated and off-policy tests need them."""
