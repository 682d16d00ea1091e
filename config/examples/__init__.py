"""Definitions of kinds that do not ship as the county's own: to read, to publish by hand, to replay a log with."""
