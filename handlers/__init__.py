"""handlers: what this office does: effects of transitions, rungs of ladders, letters, ledgers and channels.

It may import workflow's types, context, reads and calendars, states, config, office formats and SDKs.
It must not commit, flush, hold a session or read the wall clock.
"""
