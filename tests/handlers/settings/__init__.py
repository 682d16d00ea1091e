"""handlers/settings: what ships passes, what is broken is refused with its reason."""
