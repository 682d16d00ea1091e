"""Pages of signing in and of proving oneself."""
