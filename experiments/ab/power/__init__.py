"""`coldcast ab power`: how many days a test must run until it finds a given change."""
