"""The commands of `coldcast`, grouped by what they are about."""
