"""Plays the hand-made demo county: scripts of what people did on which day, through the engine's own verbs."""
