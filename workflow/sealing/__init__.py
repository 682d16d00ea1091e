"""Secret facts under keys: each case has its own, wrapped by a master key that lies in a file and never in the database.

May import: cryptography, `workflow` and below. Must not: keep an opened value, or write one into a log, an answer or an event.
"""
