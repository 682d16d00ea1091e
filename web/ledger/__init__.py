"""Pages of the area `ledger`."""
