"""Which kinds are shut to the body that a case of theirs is about."""

from __future__ import annotations

from states.definition import Definition


def is_for_subject(definition: Definition) -> bool:
    """May the body that a case of the kind is about read it?"""
    return any(rule.relation == "subject" and rule.may in ("read", "act") for rule in definition.access)


def keeps_secrets(definition: Definition) -> bool:
    """Has the kind a fact that is sealed?"""
    return any(field.secret for field in definition.fields)


def is_shut_to_subject(definition: Definition) -> bool:
    """Does the kind keep something secret, and not let the body that a case is about read it?"""
    return keeps_secrets(definition) and not is_for_subject(definition)
