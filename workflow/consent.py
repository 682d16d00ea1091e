"""The request for a step's approval that a case carries: asked, given or refused, until the case moves on."""

from __future__ import annotations

from workflow.casefile import CaseFile


def has_consent(file: CaseFile, trigger: str) -> bool:
    """Was the approval of this very step asked for here, and given?"""
    rule = file.served.definition.consent
    return rule is not None and rule.find_step(file.data, "given") == trigger


def keep_consent(file: CaseFile, trigger: str) -> None:
    """How the request stands after a step."""
    rule = file.served.definition.consent
    if rule is None:
        return
    stands = rule.outcomes.get(trigger)
    if stands is not None:
        file.data[rule.stands] = stands
    elif trigger in (rule.withdrawn_by, file.data.get(rule.step)) or file.row["state"] != file.before["state"]:
        drop_consent(file)


def drop_consent(file: CaseFile) -> None:
    """Nothing is asked any more."""
    rule = file.served.definition.consent
    for fact in (rule.stands, rule.step) if rule else ():
        file.data.pop(fact, None)
