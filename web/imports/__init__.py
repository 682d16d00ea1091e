"""Ledgers that are brought in from a page: uploaded, looked at, imported, let run or taken back."""
