"""Signing in and out, first set-up, one's own password, language, theme and post."""
