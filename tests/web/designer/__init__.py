"""designer: drafts of definitions on their pages."""
