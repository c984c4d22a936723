"""Earlier days train, the next days validate, the most recent days test."""
