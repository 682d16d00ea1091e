"""Pages of the area `overview`."""
