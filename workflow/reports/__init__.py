"""What the office reports: one file a report and its line in `registry.REPORTS`; page, print and workbook come with it.

A report is sections of tables with keys for words, made from reads alone. Every number in it carries the query of its rows.
May import what `workflow.reads` may; writes nothing, and tells nobody more than the ledger shows him.
"""
