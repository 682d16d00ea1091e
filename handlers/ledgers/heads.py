"""The head of a table whose neighbouring columns may stand under a common word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# (words, columns, rows) of each cell of a row of the head.
Heads = tuple[tuple[tuple[str, int, int], ...], ...]


def heads_of(columns: Sequence[tuple[str, str]]) -> Heads:
    """The rows of the head for columns of (group, title): one row, or two where there are groups."""
    if not any(group for group, _title in columns):
        return (tuple((title, 1, 1) for _group, title in columns),)
    return (tuple(_upper(columns)), tuple((title, 1, 1) for group, title in columns if group))


def _upper(columns: Sequence[tuple[str, str]]) -> Iterator[tuple[str, int, int]]:
    before = ""
    for group, title in columns:
        if not group:
            yield title, 1, 2
        elif group != before:
            yield group, sum(other == group for other, _title in columns), 1
        before = group
