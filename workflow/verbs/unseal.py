"""unseal: a secret fact is shown to whoever is named for the case, for a reason, and the supervisor is told each time.

Rule: 检控规则 art. 47 (who reported, and about whom, is known to those who handle it and to nobody else).
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from states.definition import Definition, Field
from states.errors import BadInput, InvalidForm, NotPermitted
from states.questions import told_with
from workflow.casefile import CaseFile
from workflow.cases import lock, parties_of
from workflow.context import require_sealer
from workflow.definitions import Catalogue
from workflow.desk import Desk
from workflow.models import CaseKey, Event, Secret
from workflow.notices import notify, tell
from workflow.permissions import standings
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import GrantFact, Notify
from workflow.verbs.undo import OPENED

REASON_AT_MOST = 500
_event = table_of(Event)
ASSIGNED = Prepared(
    select(_event.c.actor_id)
    .where(_event.c.case_id == bindparam("case_id"), _event.c.verb == "assign")
    .order_by(_event.c.seq.desc())
    .limit(1)
)
_kept = table_of(Secret)
SAID = Prepared(select(_kept.c.field).where(_kept.c.case_id == bindparam("case_id")))
_key = table_of(CaseKey)
AWAY = Prepared(select(_key.c.case_id).where(_key.c.case_id == bindparam("case_id"), _key.c.escrowed_at.is_not(None)))
# Whom each opening is told, beside whoever registered the case: the leaders of the body that supervises it.
TOLD = ("head@supervisor", "deputy@supervisor")


def unseal(desk: Desk, case_id: int, *, fields: tuple[str, ...], reason: str) -> dict[str, str]:
    """The secret facts of `fields` in plain words, of those that were ever said. They are kept nowhere but with the caller.

    The event names the facts, never their values. Open in every state, for a reporter is answered after the case
    has ended, until the case is put away: Conflict key_in_escrow (R75).
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    asked = [_secret(file, key) for key in dict.fromkeys(fields)]
    post = None
    for field in asked:
        post = require_opener(desk, file, field)
    _require_said(asked, reason)
    found = require_sealer(desk.context.sealer).open(desk.store, file.id, [field.key for field in asked])
    said = {"fields": [field.key for field in asked]}
    seq = desk.happened(file, "unseal", post=post, extra=said, content={"reason": reason.strip()})
    wish = Notify(TOLD, OPENED, {"name": desk.actor.name})
    notify(desk, file, wish, f"unseal:{seq}")
    if (registrar := file.row["registrar_person_id"]) not in (None, desk.actor.person_id):
        tell(desk, file, (registrar,), wish, f"unseal:{seq}")
    return found


def require_opener(desk: Desk, file: CaseFile, field: Field) -> GrantFact:
    """The post in which the actor may open this fact. NotPermitted fact_sealed, relation, not_named.

    He works in an organ that the definition lets open it and is named for the case: he registered it, or handles it there.
    Where nobody who is named works in that organ any more, its head stands in.
    """
    if not field.opens:
        raise NotPermitted(why="fact_sealed", field=field.key)
    found = standings(desk.actor, file.row, parties_of(desk.store, file))
    posts = [standing.grant for standing in found if standing.relation in field.opens]
    for grant in posts:
        named = _named_in(desk, file, grant.organ_id)
        if desk.actor.person_id in named or (grant.role == "head" and not named):
            return grant
    raise NotPermitted(why="not_named" if posts else "relation", field=field.key)


def _named_in(desk: Desk, file: CaseFile, organ_id: int) -> set[int]:
    """Who is named for the case and still works in the organ."""
    assigned = file.row["assignee_id"]
    last = desk.store.row(ASSIGNED, case_id=file.id) if assigned is not None else None
    if last is not None and last["actor_id"] == assigned:
        assigned = None  # Whoever names himself is named by nobody.
    named = (assigned, file.row["registrar_person_id"])
    organs_of = desk.occasion.roster.organs_of
    return {person for person in named if person is not None and organ_id in organs_of.get(person, frozenset())}


def list_openable(desk: Desk, file: CaseFile) -> list[tuple[str, str]]:
    """Each secret fact of the case that somebody may open: its key, and why the actor may not, or ""."""
    secret = openable_fields(file.served.definition)
    said = {row["field"] for row in desk.store.rows(SAID, case_id=file.id)} if secret else set()
    away = "key_in_escrow" if said and desk.store.row(AWAY, case_id=file.id) else ""
    return [(field.key, _refusal(desk, file, field) or away) for field in secret if field.key in said]


def openable_fields(definition: Definition) -> tuple[Field, ...]:
    """The secret facts of a kind that somebody may open."""
    return tuple(field for field in definition.fields if field.secret and field.opens)


def ever_openable(catalogue: Catalogue, kind: str) -> tuple[Field, ...]:
    """The same over every version of the kind, each version's by itself: a paper of one may name what only another seals."""
    return tuple(field for definition in catalogue.versions_of(kind) for field in openable_fields(definition))


def may_open_all(desk: Desk, file: CaseFile) -> bool:
    """May the actor open each secret fact of any version of the kind that somebody may, said or not?

    Nobody, once the case's key is put away, nor where no version has such a fact.
    """
    fields = ever_openable(desk.occasion.catalogue, file.served.kind)
    is_away = desk.store.row(AWAY, case_id=file.id) is not None
    return bool(fields) and not is_away and not any(_refusal(desk, file, field) for field in fields)


def _refusal(desk: Desk, file: CaseFile, field: Field) -> str:
    try:
        require_opener(desk, file, field)
    except NotPermitted as refusal:
        return str(refusal.params["why"])
    return ""


def _secret(file: CaseFile, key: str) -> Field:
    field = file.served.definition.field_by_key.get(key)
    if field is None or not field.secret:
        raise BadInput(why="unknown_field", field=key)
    return field


def _require_said(asked: list[Field], reason: str) -> None:
    faults = {} if asked else {"fields": ["required"]}
    if not reason.strip():
        faults["reason"] = ["required"]
    elif len(reason) > REASON_AT_MOST:
        faults["reason"] = [told_with("too_long", len(reason), REASON_AT_MOST)]
    if faults:
        raise InvalidForm(fields=faults)
