"""Who sees a case and who may press what, said a second time: plain Python over the rows, from semantics.md §1 and security.md.

The engine's own verbs are said in verb_rules.py.

Nothing of the program is asked, neither its permissions nor its relations: the tables are read as they are, and the policy is the
text of the shipped kinds. Where this and the program differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]
NOTHING, PAST, WHOLE = "nothing", "past", "whole"
# docs/imports.md: an old ledger is put on ours by whoever handles cases in the office that keeps the ledger.
IMPORTING, KEEPS_THE_LEDGER = ("handler", "deputy", "head"), "inspection_office"
LEADING = ("deputy", "head")
ADMINISTRATORS = ("workflow_admin", "system_admin", "security_admin", "audit_admin")
BY_COLUMN = ("registrar", "subject", "holder", "supervisor", "interviewer", "interviewee")


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may read: the cases as they stand, and those only as they were when he handed them on."""

    whole: frozenset[int]
    past: frozenset[int]

    @property
    def all(self) -> frozenset[int]:
        """Both."""
        return self.whole | self.past


@dataclass(frozen=True)
class Tables:
    """The rows that the policy speaks of, each table whole; `kinds` are the documents of the kinds in force, by key."""

    today: date
    cases: Mapping[int, Row]
    parties: tuple[Row, ...]
    barred: tuple[Row, ...]
    knowers: tuple[Row, ...]
    events: tuple[Row, ...]
    persons: Mapping[int, Row]
    grants: tuple[Row, ...]
    organs: Mapping[int, Row]
    areas: Mapping[int, Row]
    kinds: Mapping[str, Row]

    # ---- seeing ---------------------------------------------------------------------------------------------------------

    def sees(self, person_id: int, case_id: int) -> str:
        """NOTHING, PAST (as it was when an organ of his handed it on) or WHOLE (as it is now)."""
        case = self.cases[case_id]
        posts = list(self.posts(person_id))
        if case["withdrawn"] or self._is_barred(person_id, posts, case_id) or self._is_of_own(posts, case):
            return NOTHING
        if case["confined"] and not self._is_in_the_know(person_id, posts, case):
            return NOTHING
        found = {relation for post in posts for relation in self._reads(post, case)}
        return WHOLE if found - {"past_holder"} else PAST if found else NOTHING

    def seen_by(self, person_id: int, *, among: tuple[str, ...] = ()) -> dict[int, str]:
        """Every case that the person sees, and how; of some kinds only."""
        told = {i: self.sees(person_id, i) for i, case in self.cases.items() if not among or case["kind"] in among}
        return {i: how for i, how in told.items() if how != NOTHING}

    def on_ledger(self) -> dict[int, Row]:
        """The cases of the kinds that stand on the ledger."""
        return {case_id: row for case_id, row in self.cases.items() if self.kinds[row["kind"]]["ledger"]}

    def rights(self, person_id: int) -> Rights:
        """What this person may read of the ledger today."""
        told = {case_id: self.sees(person_id, case_id) for case_id in self.on_ledger()}
        whole, past = (frozenset(i for i, how in told.items() if how == wanted) for wanted in (WHOLE, PAST))
        return Rights(whole, past)

    def imports(self, person_id: int) -> bool:
        """May the person put an old ledger on ours, let its ladders run and take it back?"""
        posts = self.posts(person_id)
        return any(post["role"] in IMPORTING and self._kind(post) == KEEPS_THE_LEDGER for post in posts)

    def _kind(self, post: Row) -> str:
        return str(self.organs[post["organ_id"]]["kind"])

    def posts(self, person_id: int) -> Iterator[Row]:
        """What counts today: a post that has begun and not ended, of somebody who may still sign in, that works on cases."""
        if self.persons[person_id]["disabled_at"] is not None:
            return
        for grant in self.grants:
            begun = grant["since"] is None or grant["since"] <= self.today
            lasts = grant["until"] is None or grant["until"] >= self.today
            if grant["person_id"] == person_id and begun and lasts and grant["role"] not in ADMINISTRATORS:
                yield grant

    def _is_barred(self, person_id: int, posts: list[Row], case_id: int) -> bool:
        of_case = [row for row in self.barred if row["case_id"] == case_id]
        organs = {post["organ_id"] for post in posts}
        return any(row["person_id"] == person_id or row["organ_id"] in organs for row in of_case)

    def _is_of_own(self, posts: list[Row], case: Row) -> bool:
        """Is it about a body of his, of a kind with secrets that such a body does not read (R21)? The sponsor keeps it."""
        kind = self.kinds[case["kind"]]
        reads = any(rule["relation"] == "subject" and rule["may"] in ("read", "act") for rule in kind["access"])
        keeps = any(field.get("secret") for field in kind.get("fields", ()))
        about = case["subject_id"] in {post["organ_id"] for post in posts} and case["subject_id"] != case["supervisor_id"]
        return about and keeps and not reads

    def _is_in_the_know(self, person_id: int, posts: list[Row], case: Row) -> bool:
        """Is he named for it, or does he lead the body that supervises or holds it (decision 20)?"""
        named = {row["person_id"] for row in self.knowers if row["case_id"] == case["id"]}
        answering = {case["supervisor_id"], case["holder_id"]}
        return person_id in named or any(post["role"] in LEADING and post["organ_id"] in answering for post in posts)

    def _reads(self, post: Row, case: Row) -> Iterator[str]:
        """The relations of this post that let it read the case."""
        if case["level"] > post["ceiling"]:
            return
        relations = set(self.relations(post["organ_id"], case))
        kind = self.organs[post["organ_id"]]["kind"]
        for rule in self.kinds[case["kind"]]["access"]:
            fits = rule["relation"] in relations and kind in rule.get("organs", (kind,))
            if fits and rule["may"] in ("read", "act") and self._in_states(rule, case):
                yield rule["relation"]

    def relations(self, organ_id: int, case: Row) -> Iterator[str]:
        """In which an organ stands to a case."""
        yield from (relation for relation in BY_COLUMN if case[f"{relation}_id"] == organ_id)
        yield from (row["relation"] for row in self.parties if (row["case_id"], row["organ_id"]) == (case["id"], organ_id))
        if self._is_above(organ_id, case["subject_id"]):
            yield "above_subject"

    def _is_above(self, organ_id: int, subject_id: int) -> bool:
        """Does the area of the organ lie over that of the subject, and higher?"""
        above, below = self.organs[organ_id]["area_id"], self.organs[subject_id]["area_id"]
        upward = self.areas[below]["parent_id"]
        while upward is not None:
            if upward == above:
                return True
            upward = self.areas[upward]["parent_id"]
        return False

    def _in_states(self, rule: Row, case: Row) -> bool:
        """A rule for some states says nothing in others; what it kept back while a case was open it keeps once that has ended."""
        if "in" not in rule:
            return True
        if case["state"] not in rule["in"]:
            return False
        ends = {state["key"] for state in self.kinds[case["kind"]]["states"] if state.get("final")}
        if case["state"] not in ends or not set(rule["in"]) - ends:
            return True
        came = [e["from_state"] for e in self._history(case) if e["to_state"] == case["state"] != e["from_state"]]
        return not came or came[-1] in rule["in"]

    def _history(self, case: Row) -> list[Row]:
        return [event for event in self.events if event["case_id"] == case["id"] and event["verb"] != "imported"]

    # ---- pressing -------------------------------------------------------------------------------------------------------

    def presses(self, person_id: int, case_id: int, trigger: str) -> str:
        """ "" where the person may press it now, else why not: not_found, wrong_state, role, relation or separation_*.

        Who only reads the past of a case is told nothing of its present: his place in it is the reason, whatever he presses.
        """
        how = self.sees(person_id, case_id)
        if how != WHOLE:
            return "relation" if how == PAST else "not_found"
        case = self.cases[case_id]
        step = self._step(case, trigger)
        return self.takes(person_id, case, step) if step is not None else "wrong_state"

    def takes(self, person_id: int, case: Row, step: Row) -> str:
        """ "" where the person may take this step of a case that he sees as it is now."""
        posts = list(self.posts(person_id))
        if not self.fits(step, posts, case):
            held = {grant["role"] for grant in posts}
            return "relation" if held & {role for one in step["who"] for role in one["roles"]} else "role"
        return self.separation(step, person_id, posts, case)

    def fits(self, step: Row, posts: list[Row], case: Row) -> bool:
        """Has one of the posts the role and stands it in the relation that the step asks for?"""
        return any(self._fits(one, post, case) for one in step["who"] for post in posts)

    def steps_from(self, case: Row) -> list[Row]:
        """The steps that its kind has in the state in which the case is."""
        return [one for one in self.kinds[case["kind"]]["transitions"] if case["state"] in one["from"]]

    def _step(self, case: Row, trigger: str) -> Row | None:
        return next((one for one in self.steps_from(case) if one["trigger"] == trigger), None)

    def _fits(self, one: Row, post: Row, case: Row) -> bool:
        kind = self.organs[post["organ_id"]]["kind"]
        stands = {"none", *self.relations(post["organ_id"], case)}
        allowed = post["role"] in one["roles"] and kind in one.get("organs", (kind,))
        return allowed and case["level"] <= post["ceiling"] and bool(stands & set(one["relations"]))

    def separation(self, step: Row, person_id: int, posts: list[Row], case: Row) -> str:
        """Who did, verified, asked for, registered or closed it does not decide on it; nor does anybody of a handling organ."""
        steps, rules = self.kinds[case["kind"]]["transitions"], step.get("separate", ())
        ends = {state["key"] for state in self.kinds[case["kind"]]["states"] if state.get("final")}
        work = {one["trigger"] for one in steps if one.get("work")}
        closing = {one["trigger"] for one in steps if one["to"] in ends}
        consent = self.kinds[case["kind"]].get("consent") or {}
        by_people = [event for event in self._standing(case) if event["actor_id"] is not None]
        asked = [event["actor_id"] for event in by_people if event["trigger"] == consent.get("asked_by")]
        done = [event for event in by_people if event["trigger"] in work]
        handling = {e["organ_id"] for e in done if e["trigger"] != step["trigger"]} - {None, case["supervisor_id"]}
        why = {
            "separation_holder": "holder" in rules and case["holder_id"] in {post["organ_id"] for post in posts},
            "separation_closed": "closing" in rules
            and person_id in {e["actor_id"] for e in by_people if e["trigger"] in closing},
            "separation_asked": "asked" in rules and asked[-1:] == [person_id],
            "separation_registered": "registration" in rules and case["registrar_person_id"] == person_id,
            "separation_worked": "work" in rules and person_id in {event["actor_id"] for event in done},
            "separation_handling_organ": "work" in rules and bool(handling & {post["organ_id"] for post in posts}),
        }
        return next((reason for reason, holds in why.items() if holds), "")

    def _standing(self, case: Row) -> list[Row]:
        """The history without the steps that were taken back by the event after them."""
        events = self._history(case)
        undone = {event["seq"] - 1 for event in events if event["verb"] == "undo"}
        return [event for event in events if event["seq"] not in undone]

    # ---- votes of a body ------------------------------------------------------------------------------------------------

    def hears_votes(self, person_id: int, case_id: int) -> bool:
        """Is he told who said what? The bodies that vote and the one that supervises are."""
        case = self.cases[case_id]
        steps = [step["decision"] for step in self.kinds[case["kind"]]["transitions"] if "decision" in step]
        told = {"supervisor", *(rule["relation"] for rule in steps)}
        reads = {relation for post in self.posts(person_id) for relation in self._reads(post, case)}
        return self.sees(person_id, case_id) == WHOLE and bool(told & reads)

    def votes(self, person_id: int, case_id: int, trigger: str, asked_by: int, voted: frozenset[int]) -> str:
        """ "" where he has a word on the step that was put to the vote, else why not (decision 30)."""
        how, case = self.sees(person_id, case_id), self.cases[case_id]
        if how != WHOLE:
            return "relation" if how == PAST else "not_found"
        step = self._step(case, trigger)
        if step is None:
            return "wrong_state"
        rule, posts = step["decision"], list(self.posts(person_id))
        body = case[f"{rule['relation']}_id"]
        seats = [post for post in posts if post["organ_id"] == body and post["role"] in rule["roles"]]
        if not any(case["level"] <= post["ceiling"] for post in seats):
            return "not_member"
        if person_id in voted:
            return "voted"
        return "separation_asked" if person_id == asked_by else self.separation(step, person_id, posts, case)
