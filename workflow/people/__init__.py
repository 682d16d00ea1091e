"""People: their accounts, posts, sessions, API tokens and preferences. Nobody exists before the first run makes him."""
