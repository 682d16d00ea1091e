"""Every address of the site: one line per page area, whose ROUTES table lists its addresses with their marks."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from web.access import add_route

AREAS = (
    "web.session.views",  # sign-in, set-up, password, language and theme, posts
    "web.overview.views",  # the overview
    "web.reports.views",  # weekly and half-monthly sheets, printed and as workbooks
    "web.ledger.views",  # the ledger, saved views, search, export
    "web.ledger.paper",  # the ledger as offices print it
    "web.bulk.views",  # many at once: begun, followed, taken back
    "web.village.views",  # the items of a village, on a phone
    "web.inbox.views",  # the inbox of an organ
    "web.cases.views",  # a case, its verbs, evidence, letters
    "web.exports.views",  # what was taken away, and whose a number is
    "web.retention.views",  # what is due for appraisal, and its disposal by two people
    "web.notices.views",  # the bell
    "web.admin.views",  # organisations, calendar, people, tokens, whom a provider vouches for
    "web.versions.views",  # versions of kinds: compared, previewed, published, run
    "web.designer.views",  # drafts of kinds, designed
    "web.configuration.views",  # messages, letters, numbers, names: in versions, by two people
    "web.imports.views",  # ledgers uploaded, looked at, brought in
    "web.help.views",  # the guides of the roles
    "web.audit.views",  # the audit administrator's pages, and the door of a witness
    "web.health.views",  # health page, healthz, readyz, metrics
    "web.api.views",  # /api/v1
)


def install_routes(app: Flask) -> None:
    """Registers every area's table."""
    for area in AREAS:
        for route in import_module(area).ROUTES:
            add_route(app, route)
