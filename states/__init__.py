"""states: from a definition to proofs, a machine, guards, forms, a drawing and a difference of two versions.

It may import config, marshmallow and, in machine.py alone, transitions.
It must not know a database, a clock or Flask.
"""
