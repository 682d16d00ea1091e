"""New versions of a kind on a running ledger: drafts, previews, publications, and what becomes of the open cases."""
