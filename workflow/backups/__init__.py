"""Backups: one file, sealed to a key that is not on this machine; restored into an empty place, tried every month."""
