"""New versions of a kind: drafted, previewed on the ledger, published by two people, and what becomes of the open cases.

The preview and the migration are the same code (`moving`): what was shown is what happens. A version that was published never
changes, and a case runs under the version it is pinned to until a plan takes it to another.
"""
