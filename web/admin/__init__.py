"""Pages of the area `admin`."""
