"""Excel in and out: ledgers as people keep them, read into proposed rows, and written so that they read back
the same.

May import `states.errors`, `config.imports` and the pure functions of `workflow/`. Touches no database, no
engine and no clock: `today` is an argument, and what is returned is a proposal that a supervisor looks at
before anything is adopted.
"""
