"""Variants of the shipped kinds, as counties really run them: each a few changes of a shipped definition, with its source."""
