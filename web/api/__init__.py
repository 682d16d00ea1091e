"""Pages of the area `api`."""
