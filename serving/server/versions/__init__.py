"""The versions of a model: finding them, loading and warming them, swapping the one that is served."""
