"""Pictures of evidence: small ones for the page, and copies for circulation, made where a hostile file can reach nothing."""
