"""The engine: every verb of Duban, one transaction each.

The stations of a verb, in order: 1 the transaction; 2 the idempotency key; 3 the case through the visible selectable;
4 the transition; 5 role, relation, separation; 6 lock and version; 7 form; 8 guards; 9 state; 10 clocks and effects;
11 the event; 12 rows written, one statement a table; 13 the key with its answer. Bodies are in `workflow/verbs/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from workflow import newly_listed
from workflow.administering import Administering
from workflow.collective import Collective
from workflow.desk import Desk
from workflow.discretion import Discretion
from workflow.disposal.doing import Disposing
from workflow.files import Received
from workflow.former import list_newly
from workflow.keys import once
from workflow.types import MACHINE, Actor, Life, Outcome
from workflow.verbs import bulk
from workflow.verbs import switch_on as switching
from workflow.verbs.adopt import Adoption, adopt
from workflow.verbs.amend import amend
from workflow.verbs.assign import assign
from workflow.verbs.comment import comment
from workflow.verbs.conclude import merge, split, void, withdraw
from workflow.verbs.evidence import add_evidence, add_uploads, with_scan
from workflow.verbs.extension import ask_extension, decide_extension
from workflow.verbs.fire import fire
from workflow.verbs.link import link, unlink
from workflow.verbs.live import live
from workflow.verbs.open import open_case
from workflow.verbs.pause import pause, resume
from workflow.verbs.replay import CaseLog, Replayed, replay
from workflow.verbs.undo import undo

Data = Mapping[str, Any]

IMPORT_BATCH = 500
# So many batches of each run at one ring; then the hour is asked anew.
BULK_ROUNDS = 10


class Engine(Discretion, Disposing, Collective, Administering):
    """The one door: the list of verbs. The office's behaviour comes by name, and the engine knows none of it.

    What is said of a case to few, how one is disposed of, how a body decides, what administrators set, and the sweep stand in
    files of their own.
    """

    # ---- verbs on one case --------------------------------------------------------------------------------------------

    def open(
        self,
        kind: str,
        *,
        actor: Actor,
        now: datetime,
        title: str,
        subject_id: int | None,
        data: Data,
        key: str | None = None,
        faults: Mapping[str, list[Any]] | None = None,
        **more: Any,
    ) -> Outcome:
        """Registers a new case of `kind`; what a form has left open, its subject too, is said with all else that is wrong.

        `faults` are what a page has found in it beside.
        """
        request = {"verb": "open", "kind": kind, "title": title, "subject": subject_id, "data": data, **more}
        return self._verb(
            actor,
            now,
            request,
            lambda desk: open_case(desk, kind, title=title, subject_id=subject_id, data=data, faults=faults, **more),
            key,
        )

    def fire(
        self,
        case_id: int,
        trigger: str,
        *,
        actor: Actor,
        now: datetime,
        data: Data,
        expected_version: int | None = None,
        key: str | None = None,
        happened_on: date | None = None,
        scan: Received | None = None,
        faults: Mapping[str, list[Any]] | None = None,
    ) -> Outcome:
        """Moves the case by `trigger`. `happened_on` is the day on the paper of a step recorded later; it needs the scan.

        `scan` is the signed approval that `data` records: it is kept as evidence if the step is done, and else not.
        `faults` are what could not be read of what came beside `data`; with some the step is refused, and all faults are said.
        """
        late = happened_on is not None
        request = _request(case_id, trigger, data, version=expected_version, happened_on=happened_on, scan=scan)

        def body(desk: Desk) -> Outcome:
            told = with_scan(desk, data, scan)
            more: dict[str, Any] = {"expected_version": expected_version, "is_late_record": late, "faults": faults}
            return fire(desk, case_id, trigger, data=told, **more)

        return self._verb(actor, now, request, body, key, happened_on)

    def begin_run(
        self,
        wish: bulk.Wish,
        choose: bulk.Choose,
        *,
        actor: Actor,
        now: datetime,
        scan: Received | None = None,
        key: str | None = None,
    ) -> int:
        """Begins a step on the cases that `choose` names, at most 10,000; the id of the run, whose items `work_run` does."""
        told = {
            "trigger": wish.trigger,
            "kind": wish.kind,
            "condition": wish.condition,
            "undoes": wish.undoes,
            "data": wish.data,
        }
        asked = self._keyed(actor, key, {"verb": "bulk", **told, "scan": scan.digest if scan else None})
        return self._write(actor, now, lambda desk: once(desk.store, asked, lambda: bulk.begin(desk, wish, choose, scan), now))

    def work_run(self, run_id: int, *, now: datetime, ceiling: int) -> int:
        """The next batch of a run, whoever calls; how many cases it settled. `ceiling` is the installation's own."""
        return bulk.work(lambda body: self._write(MACHINE, now, body), run_id, ceiling)

    def work_runs(self, now: datetime, *, ceiling: int) -> int:
        """Batch after batch of the runs that are not over, each in its turn, as far as one ring goes; how many cases."""
        settled = 0
        for _round in range(BULK_ROUNDS):
            runs = self.database.read(bulk.unfinished)
            done = sum(self.work_run(run_id, now=now, ceiling=ceiling) for run_id in runs)
            settled += done
            if not done:
                break
        return settled

    def list_newly(self, now: datetime, *, batches: int) -> int:
        """Has cases under older versions found by facts that a version has begun to list by; how many at so many batches."""
        found = 0
        for _batch in range(batches):
            if not self.database.read(newly_listed.waiting):
                break
            found += self._write(MACHINE, now, lambda desk: list_newly(desk.store, desk.occasion.catalogue))
        return found

    def remind(self, case_id: int, *, actor: Actor, now: datetime, data: Data, key: str | None = None) -> Outcome:
        """催办: the definition's own `remind` transition, counted on the row."""
        return self.fire(case_id, "remind", actor=actor, now=now, data=data, key=key)

    def adopt(self, adoption: Adoption, *, actor: Actor, now: datetime) -> Outcome:
        """Puts a half-way case of an imported ledger on ours, with the starts of its clocks."""
        return self._verb(actor, now, {"verb": "adopt"}, lambda desk: adopt(desk, adoption))

    def adopt_many(self, adoptions: Iterable[Adoption], *, actor: Actor, now: datetime) -> list[Outcome]:
        """Adopts a batch in one transaction: all of it, or nothing."""
        found = list(adoptions)
        return self._write(actor, now, lambda desk: [adopt(desk, adoption) for adoption in found])

    def amend(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        data: Data,
        reason: str,
        version: int | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Changes facts of the case, with a reason; the field's rule says who may."""
        return self._on(case_id, amend, actor, now, key, data=data, reason=reason, version=version)

    def assign(self, case_id: int, *, actor: Actor, now: datetime, person_id: int | None, key: str | None = None) -> Outcome:
        """Names the person inside the holder who handles it."""
        return self._on(case_id, assign, actor, now, key, person_id=person_id)

    def comment(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        text: str,
        mentions: Iterable[int] = (),
        key: str | None = None,
    ) -> Outcome:
        """Adds a remark; the people mentioned, who must be able to read the case, are told."""
        return self._on(case_id, comment, actor, now, key, text=text, mentions=tuple(mentions))

    def add_evidence(
        self, case_id: int, *, actor: Actor, now: datetime, file_id: int, label: str = "", key: str | None = None
    ) -> Outcome:
        """Adds a stored file as evidence."""
        return self._on(case_id, add_evidence, actor, now, key, file_id=file_id, label=label)

    def add_uploads(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        uploads: Iterable[Received],
        label: str = "",
        caption: str = "",
        key: str | None = None,
    ) -> Outcome:
        """Keeps files that have just come in and adds them as evidence, with what is said of them: all of them, or nothing."""
        found, about = list(uploads), {"label": label, "caption": caption}
        request = {"verb": "add_uploads", "case": case_id, "files": [(f.digest, f.name) for f in found], **about}
        return self._verb(actor, now, request, lambda desk: add_uploads(desk, case_id, uploads=found, **about), key)

    def pause(
        self, case_id: int, *, actor: Actor, now: datetime, reason: str, approver: str, max_days: int, key: str | None = None
    ) -> Outcome:
        """Stops the case's clocks, with a reason, an approver and a maximum after which they resume by themselves."""
        return self._on(case_id, pause, actor, now, key, reason=reason, approver=approver, max_days=max_days)

    def resume(self, case_id: int, *, actor: Actor, now: datetime, reason: str, key: str | None = None) -> Outcome:
        """Lets the clocks go on."""
        return self._on(case_id, resume, actor, now, key, reason=reason)

    def ask_extension(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        clock: str,
        wanted_on: date | str | None,
        reason: str,
        data: Data | None = None,
        proof: Received | None = None,
        key: str | None = None,
        faults: Mapping[str, list[Any]] | None = None,
    ) -> Outcome:
        """Asks for a later date, before the limit ends. `data` answers the clock's form, `proof` is a file that it asks for."""
        told: dict[str, Any] = {"clock": clock, "wanted_on": wanted_on, "reason": reason, "data": data or {}}
        request = {"verb": "ask_extension", "case": case_id, **told, "proof": proof.digest if proof else None}
        more: dict[str, Any] = {**told, "proof": proof, "faults": faults}
        return self._verb(actor, now, request, lambda desk: ask_extension(desk, case_id, **more), key)

    def decide_extension(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        clock: str,
        granted: bool,
        reason: str,
        key: str | None = None,
    ) -> Outcome:
        """Grants or refuses; never by the person who asked."""
        return self._on(case_id, decide_extension, actor, now, key, clock=clock, granted=granted, reason=reason)

    def link(
        self, case_id: int, *, actor: Actor, now: datetime, other_id: int, relation: str = "related", key: str | None = None
    ) -> Outcome:
        """Says that two cases belong together; the actor must see both."""
        return self._on(case_id, link, actor, now, key, other_id=other_id, relation=relation)

    def unlink(
        self, case_id: int, *, actor: Actor, now: datetime, other_id: int, relation: str = "related", key: str | None = None
    ) -> Outcome:
        """Takes back that two cases belong together, where somebody had said so."""
        return self._on(case_id, unlink, actor, now, key, other_id=other_id, relation=relation)

    def merge(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        into_id: int,
        reason: str,
        approval: Data | None = None,
        scan: Received | None = None,
        key: str | None = None,
    ) -> Outcome:
        """并案: closes this case into another of its kind; `approval` and `scan` as in `fire`, where closing asks for them."""
        request = {"verb": "merge", "case": case_id, "into": into_id, "reason": reason, "approval": approval}

        def body(desk: Desk) -> Outcome:
            told = with_scan(desk, {"approval": approval}, scan)["approval"]
            return merge(desk, case_id, into_id=into_id, reason=reason, approval=told)

        return self._verb(actor, now, {**request, "scan": scan.digest if scan else None}, body, key)

    def split(
        self, case_id: int, *, actor: Actor, now: datetime, parts: Iterable[Data], reason: str, key: str | None = None
    ) -> Outcome:
        """分办: opens a child of the same kind for each part."""
        return self._on(case_id, split, actor, now, key, parts=list(parts), reason=reason)

    def void(self, case_id: int, *, actor: Actor, now: datetime, reason: str, approver: str, key: str | None = None) -> Outcome:
        """作废: closes a wrongly registered case; its number stays explainable."""
        return self._on(case_id, void, actor, now, key, reason=reason, approver=approver)

    def withdraw(self, case_id: int, *, actor: Actor, now: datetime, reason: str, key: str | None = None) -> Outcome:
        """Takes an imported case off lists, counts and clocks; its number and chain stay."""
        return self._on(case_id, withdraw, actor, now, key, reason=reason)

    def undo(self, case_id: int, *, actor: Actor, now: datetime, key: str | None = None) -> Outcome:
        """Puts back exactly what the actor's own last event, of the last ten minutes, has changed."""
        return self._on(case_id, undo, actor, now, key)

    # ---- imports ------------------------------------------------------------------------------------------------------

    def live(self, lives: Iterable[Life], *, now: datetime) -> list[Outcome]:
        """Walks whole lives of cases in one transaction: for synthetic ledgers."""
        found = list(lives)
        return self._write(MACHINE, now, lambda desk: [live(desk, life) for life in found])

    def replay(self, log: CaseLog, *, actor: Actor, now: datetime) -> Replayed:
        """Replays the history of one case from a process log, through the machine and its guards."""
        return self._write(actor, now, lambda desk: replay(desk, log))

    def switch_on(
        self, import_id: int, mode: str, *, actor: Actor, now: datetime, report: Callable[[int], None] = lambda _n: None
    ) -> int:
        """Lets the ladders of an import run, in resumable batches; how many clocks began to run."""
        woken, after = 0, 0
        while True:
            batch = self._batch_of_import(import_id, after)
            if not batch:
                return woken
            woken += self._write(actor, now, partial(switching.switch_on, case_ids=batch, mode=mode))
            after = batch[-1]
            report(len(batch))

    def _batch_of_import(self, import_id: int, after: int) -> list[int]:
        return self.database.read(lambda store: switching.cases_of(store, import_id, after=after, limit=IMPORT_BATCH))


def _request(
    case_id: int,
    trigger: str,
    data: Data,
    *,
    version: int | None = None,
    happened_on: date | None = None,
    scan: Received | None = None,
) -> Data:
    """What a fire asks for, as it is known by its key."""
    return {
        "verb": "fire",
        "case": case_id,
        "trigger": trigger,
        "data": data,
        "version": version,
        "happened_on": happened_on.isoformat() if happened_on else None,
        "scan": scan.digest if scan else None,
    }
