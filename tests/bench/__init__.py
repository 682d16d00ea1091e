"""Speed as ratios to a floor measured in the same run: `make bench`. Nothing here is asserted; shared machines are noisy."""
