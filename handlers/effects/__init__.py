"""Effects: what follows from a transition, as wishes that the engine carries out in the same transaction.

An effect is a pure function `(change: Change, *, …parameters) -> wishes`. Its parameters are what a definition may say.
"""
