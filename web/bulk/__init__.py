"""Many at once: what is asked for ticked rows or all that match, its one form, its progress and its results."""
