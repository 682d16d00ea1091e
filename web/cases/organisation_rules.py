"""What the rules that count in one place say in a history: which of them acted, and what there was too much of."""

from __future__ import annotations

from flask_babel import gettext

from states.definition import OrganisationRule
from web.language import current_language, mark
from workflow.reads.case_page import CasePage

# What is counted, and how many of it make the rule act.
COUNTED = {
    "overdue": mark("%(place)s逾期的满%(n)s项"),
    "unsigned": mark("%(place)s逾期没有签收的满%(n)s项"),
    "waiting_check": mark("%(place)s逾期没有核验的满%(n)s项"),
    "sent_back": mark("退回重改满%(n)s次"),
    "handed_back": mark("退回满%(n)s次"),
}


def rules_said(page: CasePage) -> dict[str, str]:
    """Rule → its title, and what it counts where the number alone decides."""
    return {rule.key: _said(rule, page) for rule in page.definition.rules}


def _said(rule: OrganisationRule, page: CasePage) -> str:
    title = rule.title.in_(current_language())
    if rule.or_share:
        return title
    places = {"subject": page.row.subject, "holder": gettext("承办单位")}
    counted = gettext(COUNTED[rule.counts], place=places.get(rule.of, page.row.township), n=rule.threshold)
    return str(gettext("%(title)s，%(counted)s", title=title, counted=counted))
