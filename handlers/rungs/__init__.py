"""Rungs: what a clock that is due makes the office do, as wishes that the engine carries out in the sweep's transaction.

A rung is a pure function `(due: DueRung, *, …parameters) -> wishes`. Whom it tells stands in the rung itself (`to`).
"""
