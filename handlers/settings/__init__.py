"""What this office lets its administrators set: for each kind its shipped texts, and what a text must fulfil.

The kinds stand in `registry.py`; what ships passes the same checks in the tests. Nothing here is ever executed.
"""
