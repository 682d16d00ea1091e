"""tests: a mirror of the rooms, plus shipped/, walks/, contracts/, house/ and browser/.

They may import every room, and run on real databases: a SQLite file and a PostgreSQL server.
They must not mock Duban's own code, nor skip without a reason that a stranger accepts.
"""
