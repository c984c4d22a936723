"""Raw logs become labelled impressions, with every row accounted for (SPEC 4.1)."""
