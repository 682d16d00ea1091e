"""Random walks: whatever people press, the ledger stays true. `make drills` walks thirty times as far as a test run."""

from tests.drills.scale import IS_DRILL

FARTHER = 30 if IS_DRILL else 1
