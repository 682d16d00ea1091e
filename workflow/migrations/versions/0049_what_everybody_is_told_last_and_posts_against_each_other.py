"""The last change of a case that everybody who reads it is told; posts that stand against each other never count at once."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

Row = dict[str, Any]
BATCH = 500  # cases
# How reading a row ends that was damaged behind the engine's back. Nothing is told of its case; the night names it.
DAMAGED = (LookupError, ValueError, TypeError, AttributeError)
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
# Hours have no type here: they are compared and copied as they lie there, so that one that is damaged stops no other.
CASES = sa.table(
    "cases",
    *(sa.column("id", BigId), sa.column("seq", sa.Integer), sa.column("changed_at"), sa.column("told_at")),
)
EVENT = sa.table(
    "event",
    *(sa.column("case_id", BigId), sa.column("seq", sa.Integer), sa.column("verb", sa.Text), sa.column("facts", sa.Text)),
    *(sa.column("from_state", sa.Text), sa.column("to_state", sa.Text), sa.column("recorded_at")),
)
AGENDA = sa.table("agenda_item", sa.column("case_id", BigId), sa.column("rung", sa.Text), sa.column("joined_at"))
EVENTS = (
    sa.select(EVENT, CASES.c.changed_at)
    .join(CASES, CASES.c.id == EVENT.c.case_id)
    .where(EVENT.c.case_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(EVENT.c.case_id, EVENT.c.seq.desc())
)
LAST = EVENTS.where(EVENT.c.seq == CASES.c.seq)
PLACES = sa.select(AGENDA).where(AGENDA.c.case_id.in_(sa.bindparam("ids", expanding=True)))
_place = (EVENT.c.case_id == CASES.c.id, EVENT.c.seq == sa.bindparam("its_seq"))
TELL = (
    sa.update(CASES)
    .where(CASES.c.id == sa.bindparam("its_id"))
    .values(told_at=sa.select(EVENT.c.recorded_at).where(*_place).scalar_subquery())
)
# Whatever a talk was ever about: it stood on an agenda, a clock was held, or a step of a ladder that leads to talks was taken.
ABOUT = """
    SELECT case_id FROM agenda_item
    UNION SELECT case_id FROM clock WHERE held_by IS NOT NULL
    UNION SELECT case_id FROM event WHERE verb IN ('talk_merged', 'ladder_climbed', 'ladder_released')
    UNION SELECT case_id FROM fired_rung
"""
GRANT = sa.table(
    "role_grant",
    *(sa.column("id", BigId), sa.column("person_id", BigId), sa.column("role", sa.Text)),
    *(sa.column("since", sa.Date), sa.column("until", sa.Date)),
)

# Another post of the person that stands against the new one and shares a day with it; one without days shares none.
AGAINST = """
    SELECT 1 FROM role_grant AS held
    WHERE held.person_id = new.person_id AND held.id <> new.id AND held.role <> new.role
    AND (held.role IN ADMINISTRATORS OR new.role IN ADMINISTRATORS)
    AND coalesce(held.since, FIRST) <= coalesce(held.until, LAST)
    AND coalesce(new.since, FIRST) <= coalesce(new.until, LAST)
    AND coalesce(held.since, FIRST) <= coalesce(new.until, LAST)
    AND coalesce(new.since, FIRST) <= coalesce(held.until, LAST)
""".replace("ADMINISTRATORS", str(ADMINISTRATORS))


def _against(first: str, last: str) -> str:
    return AGAINST.replace("FIRST", first).replace("LAST", last)


ON_SQLITE = tuple(
    f"""
    CREATE TRIGGER role_grant_{name} AFTER {what} ON role_grant
    WHEN EXISTS ({_against("'0001-01-01'", "'9999-12-31'")})
    BEGIN SELECT RAISE(ABORT, 'posts that stand against each other'); END
    """
    for name, what in (("given", "INSERT"), ("changed", "UPDATE"))
)
OFF_SQLITE = ("DROP TRIGGER role_grant_given", "DROP TRIGGER role_grant_changed")
# The person's row stays locked until the end, so that two posts given at once do not slip past each other.
ON_POSTGRESQL = (
    f"""
    CREATE FUNCTION role_grant_separate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM person WHERE id = new.person_id FOR NO KEY UPDATE;
        IF EXISTS ({_against("'-infinity'::date", "'infinity'::date")}) THEN
            RAISE EXCEPTION 'posts that stand against each other' USING ERRCODE = 'check_violation';
        END IF;
        RETURN new;
    END $$
    """,
    "CREATE TRIGGER role_grant_separate BEFORE INSERT OR UPDATE ON role_grant"
    " FOR EACH ROW EXECUTE FUNCTION role_grant_separate()",
)
OFF_POSTGRESQL = ("DROP TRIGGER role_grant_separate ON role_grant", "DROP FUNCTION role_grant_separate()")


def upgrade() -> None:
    """Up. Refused where somebody holds, without an end, two posts that stand against each other: end one of them first."""
    database = op.get_bind()
    _part_posts(database)
    for statement in ON_SQLITE if database.dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
    never = sa.text("'0001-01-01T00:00:00.000000Z'")
    op.add_column("cases", sa.Column("told_at", UtcTime(timezone=True), nullable=False, server_default=never))
    op.execute(sa.update(CASES).values(told_at=CASES.c.changed_at))
    _tell_hours(database)


def downgrade() -> None:
    """Down."""
    op.drop_column("cases", "told_at")
    for statement in OFF_SQLITE if op.get_bind().dialect.name == "sqlite" else OFF_POSTGRESQL:
        op.execute(statement)


# ---- posts ----------------------------------------------------------------------------------------------------------------


def _part_posts(database: sa.Connection) -> None:
    """A post whose beginning nobody has said was given when what stands against it had ended: it begins the day after."""
    posts = [dict(row) for row in database.execute(sa.select(GRANT).order_by(GRANT.c.person_id)).mappings()]
    for person_id, own in groupby(posts, key=lambda row: row["person_id"]):
        held = sorted(own, key=lambda row: (row["until"] or date.max, row["id"]))
        for number, later in enumerate(held):
            ended = [one["until"] for one in held[:number] if _stand_against(one, later)]
            if not ended:
                continue
            if ended[-1] is None:
                raise RuntimeError(f"person {person_id} holds posts that stand against each other: end one of them first")
            later["since"] = ended[-1] + timedelta(days=1)
            begins = sa.update(GRANT).where(GRANT.c.id == later["id"]).values(since=later["since"])
            database.execute(begins)


def _stand_against(one: Row, other: Row) -> bool:
    is_apart = one["role"] == other["role"] or not {one["role"], other["role"]} & set(ADMINISTRATORS)
    spans = [(post["since"] or date.min, post["until"] or date.max) for post in (one, other)]
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    return not is_apart and first <= last and all(span[0] <= span[1] for span in spans)


# ---- hours ----------------------------------------------------------------------------------------------------------------


def _tell_hours(database: sa.Connection) -> None:
    """The last change of each case that is about something else than a talk: what `talks.is_about_talk` says since."""
    leading = dict(_leading(database))
    talks = set(database.execute(sa.text("SELECT id FROM cases WHERE interviewer_id IS NOT NULL")).scalars())
    about = sorted(set(database.execute(sa.text(ABOUT)).scalars()) - talks)
    for begin in range(0, len(about), BATCH):
        ids = about[begin : begin + BATCH]
        places = [dict(row) for row in database.execute(PLACES, {"ids": ids}).mappings()]
        # Mostly it is the very last one, and nothing older need be read.
        moved = [case_id for case_id, told in _told(database, LAST, ids, places, leading, talks) if told is None]
        found = [told for _case_id, told in _told(database, EVENTS, moved, places, leading, talks) if told is not None]
        differing = [told for told in found if told["recorded_at"] != told["changed_at"]]
        if differing:
            database.execute(TELL, [{"its_id": told["case_id"], "its_seq": told["seq"]} for told in differing])


def _told(
    database: sa.Connection,
    statement: sa.Select[Any],
    ids: list[int],
    places: list[Row],
    leading: dict[int, frozenset[str]],
    talks: set[int],
) -> Iterator[tuple[int, Row | None]]:
    """Case → the last of its events that is about something else than a talk, None where there is none among these."""
    found = [dict(row) for row in database.execute(statement, {"ids": ids}).mappings()]
    for case_id, own in groupby(found, key=lambda row: row["case_id"]):
        here = [place for place in places if place["case_id"] == case_id]
        with suppress(*DAMAGED):
            told = next((event for event in own if not _is_about_talk(event, leading, talks, here)), None)
            if told and isinstance(told["recorded_at"], str):
                datetime.fromisoformat(told["recorded_at"])
            yield case_id, told


def _leading(database: sa.Connection) -> Iterator[tuple[int, frozenset[str]]]:
    """Version → the rungs that hold their ladder, for a talk."""
    versions = "SELECT v.id, d.canonical FROM definition_version v JOIN definition d ON d.digest = v.digest"
    for version_id, canonical in database.execute(sa.text(versions)):
        with suppress(*DAMAGED):
            tiers = [tier for ladder in json.loads(canonical).get("ladders", ()) for tier in ladder["tiers"]]
            yield version_id, frozenset(rung["key"] for tier in tiers for rung in tier if rung.get("holds"))


def _is_about_talk(event: Row, leading: dict[int, frozenset[str]], talks: set[int], places: list[Row]) -> bool:
    facts = json.loads(event["facts"])
    if event["verb"] == "new_date" or event["from_state"] != event["to_state"]:
        return False
    if "interview" in facts:
        return True
    if facts.get("opened"):
        return bool(talks.intersection(facts["opened"]))
    if event["verb"] == "rung":
        return facts["rung"] in leading.get(facts["definition"], frozenset())
    if event["verb"] == "organisation_rule":
        return any(place["rung"] == f"rule_{facts['rule']}" for place in places)
    by_hand = (place for place in places if place["rung"].startswith("by_hand_"))
    return event["verb"] == "fire" and any(place["joined_at"] == event["recorded_at"] for place in by_hand)
