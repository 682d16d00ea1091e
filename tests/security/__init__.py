"""Who may see and do what, asked at every door and compared with an oracle that was written apart from the code."""
