"""Who should stand back from a case (回避): he, or a relative whom he has declared, bears a name that the case keeps secret.

Rule: 监察法 art. 58, 检控规则 art. 47. What a case keeps secret is who is complained of and who complains. A name is compared,
never told: a hint says who should be looked at, not as whom, and goes to whoever decides about recusal, never to himself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, not_, select

from states.errors import InvalidForm, NotFound
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.models import Case, CaseKey, Person, RecusalHint, Relative, Secret
from workflow.notices import notify
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Notify

KIN = ("spouse", "parent", "child", "sibling", "in_law", "other_kin", "interest")
SAME_NAME = "same_name"
NAME_AT_LEAST, NAME_AT_MOST, DECLARED_AT_MOST = 2, 50, 100
# Whose people are looked at: who acts on the case, or decides about it.
ACTING = ("registrar", "supervisor", "holder")
SUGGESTED = "recusal_suggested"
TOLD = ("head@supervisor", "deputy@supervisor")

_relative, _person, _hint = table_of(Relative), table_of(Person), table_of(RecusalHint)
_case, _secret, _key = table_of(Case), table_of(Secret), table_of(CaseKey)
OF_PERSON = Prepared(select(_relative).where(_relative.c.person_id == bindparam("person_id")).order_by(_relative.c.id))
DROP = Prepared(delete(_relative).where(_relative.c.id == bindparam("id"), _relative.c.person_id == bindparam("person_id")))
KNOWN = Prepared(select(_hint.c.person_id).where(_hint.c.case_id == bindparam("case_id")))
OPEN_WITH_SECRETS = Prepared(
    select(_case.c.id)
    .where(and_(not_(_case.c.final), not_(_case.c.withdrawn), _case.c.id > bindparam("after")))
    .where(_case.c.id.in_(select(_secret.c.case_id)))
    # What lies in escrow is read by nobody, though the case was reopened.
    .where(_case.c.id.not_in(select(_key.c.case_id).where(_key.c.escrowed_at.is_not(None))))
    .order_by(_case.c.id)
    .limit(100)
)


# ---- what people declare ----------------------------------------------------------------------------------------------------


def declare(store: Store, *, person_id: int, name: str, kin: str, now: datetime) -> None:
    """One more relative of the person, or somebody in whose affairs he has an interest. InvalidForm."""
    told = _plain(name)
    faults = {} if kin in KIN else {"kin": ["bad_value"]}
    if not NAME_AT_LEAST <= len(told) <= NAME_AT_MOST:
        faults["name"] = ["required" if not told else "not_a_name"]
    if len(declared_by(store, person_id)) >= DECLARED_AT_MOST:
        faults["name"] = ["too_many"]
    if faults:
        raise InvalidForm(fields=faults)
    store.insert(Relative, [{"person_id": person_id, "name": told, "kin": kin, "declared_at": now}])


def declared_by(store: Store, person_id: int) -> list[Row]:
    """What the person has declared: id, name, kin, declared_at."""
    return store.rows(OF_PERSON, person_id=person_id)


def take_back(store: Store, *, person_id: int, relative_id: int) -> None:
    """The person no longer declares it. NotFound for what is another's."""
    if not store.run(DROP, id=relative_id, person_id=person_id):
        raise NotFound(what="relative", id=relative_id)


# ---- what a case says -------------------------------------------------------------------------------------------------------


def look_for_relatives(desk: Desk, file: CaseFile) -> int:
    """Hints at everybody on the case who should stand back; how many are new. The sponsor's leaders are told that there are."""
    text = _secret_words(desk, file)
    if not text:
        return 0
    roster, barring = desk.occasion.roster, barring_of(desk.store, file.row, desk.occasion)
    organs = {file.row[f"{relation}_id"] for relation in ACTING}
    people = {one for one, own in roster.organs_of.items() if own & organs and not barring.takes_off(one, roster)}
    known = {row["person_id"] for row in desk.store.rows(KNOWN, case_id=file.id)}
    found = [(person, why) for person, why in _bearing(desk.store, people - known, text)]
    told = {"case_id": file.id, "found_at": desk.occasion.now}
    for person, why in found:
        desk.context.add(RecusalHint, {**told, "person_id": person, "why": why})
    if found:
        # Not whoever the hint is at: he would learn what the case keeps secret.
        notify(desk, file, Notify(TOLD, SUGGESTED), f"recusal:{file.row['seq']}", but={p for p, _why in found})
    return len(found)


def _secret_words(desk: Desk, file: CaseFile) -> str:
    """The secret facts in plain words, the new ones of this transaction before those that are stored."""
    names = [field.key for field in file.served.definition.fields if field.secret]
    if not names or desk.context.sealer is None:
        return ""
    is_away = not file.is_new and desk.context.sealer.is_away(desk.store, file.id)
    kept = {} if file.is_new or is_away else desk.context.sealer.open(desk.store, file.id, names)
    return _plain("\n".join((kept | file.secrets).values()))


def _bearing(store: Store, people: Iterable[int], text: str) -> Iterable[tuple[int, str]]:
    """Of the people those of whom, or of a relative of whom, the text holds the name, and why."""
    ids = sorted(people)
    names: dict[int, list[tuple[str, str]]] = {}
    for row in store.select(select(_person.c.id, _person.c.name).where(_person.c.id.in_(ids))):
        names.setdefault(row["id"], []).append((SAME_NAME, _plain(row["name"])))
    for row in store.select(select(_relative).where(_relative.c.person_id.in_(ids)).order_by(_relative.c.id)):
        names.setdefault(row["person_id"], []).append((row["kin"], row["name"]))
    for person in ids:
        why = next((why for why, name in names.get(person, ()) if len(name) >= NAME_AT_LEAST and name in text), "")
        if why:
            yield person, why


def _plain(text: str) -> str:
    """Without blanks, in the one form of each character: a name is typed in many ways."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def open_cases_with_secrets(store: Store, after: int) -> list[int]:
    """The next open cases that keep something secret, by id."""
    return [row["id"] for row in store.rows(OPEN_WITH_SECRETS, after=after)]
