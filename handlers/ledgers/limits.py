"""How large a ledger file may be: every size that is refused before anything is parsed, by name."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

MAX_FILE_BYTES = 30 * MEGABYTE
MAX_UNPACKED_BYTES = 256 * MEGABYTE
MAX_RATIO = 150  # unpacked to packed; ordinary sheets stay under 40
RATIO_FLOOR_BYTES = 8 * MEGABYTE  # below this a high ratio harms nobody
MAX_ENTRIES = 2_000
MAX_SHEETS = 100
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 4_000_000  # rows × columns of the used area: calamine holds it as one dense block
MAX_ROW_BYTES = 4 * MEGABYTE
MAX_CELL_CHARS = 131_072
CHUNK_BYTES = MEGABYTE

CHILD_MEMORY_BYTES = 1_024 * MEGABYTE
CHILD_SECONDS = 120
