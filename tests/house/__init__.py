"""house: the tests that guard how Duban is built: sizes, names, doors, locks and the direction of imports."""
