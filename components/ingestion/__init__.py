"""Raw logs become labelled impressions, with every row accounted for (docs/data.md)."""
