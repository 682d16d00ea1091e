"""workflow: the engine and all it stores: tables, the one transaction, history, clocks, permissions, people, reads.

It may import states, config, its database libraries and, in heartbeat.py alone, apscheduler.
It must not know Flask, open a socket or name a kind of case; only database.py commits.
"""
