"""web: pages, JSON API, command line and wiring; every visible word, and every status of HTTP, is decided here.

It may import handlers, workflow, states, config, Flask and its family.
It must not write SQL, hold a session of the database or decide a rule.
"""
