"""Pages of the area `village`."""
