"""Looks at the served site in a real Chromium."""
