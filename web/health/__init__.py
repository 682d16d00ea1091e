"""Pages of the area `health`."""
