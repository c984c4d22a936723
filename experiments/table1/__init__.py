"""`coldcast experiment table1`: every system of the publication beside the one that learns from promotions only."""
