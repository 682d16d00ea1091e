"""duban workflow publish, migrate, retire: what takes two people, each with a proof of his own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config.documents import Document
from states.errors import BadInput, Conflict, NotFound
from web.cli import LANGUAGE, PARTLY, stop
from web.commands.agreeing import agreed_words
from web.commands.drafts import WHICH, draft_of, proven
from web.commands.impacts import decided_lines, decided_of
from web.commands.office import acting, common, confirmed, keep_trail, opened, progress, say, writing
from web.commands.proof import Proof, proven_actor, with_proof
from web.commands.versions import plan_of, planned, preview_words, previewed, told_of
from workflow.dates import local_day
from workflow.versions.plan import Plan

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.store import Store
    from workflow.types import Actor

REFUSE = click.option("--refuse", default="", metavar="WORDS", help="The second person says no, and why.")
WITHDRAW = click.option("--withdraw", default="", metavar="WORDS", help="Whoever proposed it takes it back, and why.")


@click.command("publish")
@click.argument("kind")
@click.option("--reason", default="", help="Why; the second person reads it.")
@click.option(
    "--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="The day from which it is current; today unless said."
)
@WHICH
@REFUSE
@WITHDRAW
@planned
@with_proof
@common
@click.pass_obj
def publish(login: str | None, /, kind: str, **told: Any) -> None:
    """Propose a draft of a KEY, or a FILE; called again by another person with --as, decide it.

    Either of the two proves who he is: by his password with a code, or by a token that he made for himself.
    """
    document = proven(Path(kind), told["as_json"]) if Path(kind).is_file() else None
    kind = str(document.data["key"]) if document is not None else kind
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, told.pop("proof"))
        said = _published(office, kind, document, actor, now, **told)
    say(said, told["as_json"], _publish_words)


def _published(
    office: Office,
    kind: str,
    document: Document | None,
    actor: Actor,
    now: datetime,
    *,
    reason: str,
    from_on: datetime | None,
    draft_id: int | None,
    refuse: str,
    withdraw: str,
    yes: bool,
    as_json: bool,
    **plan: Any,
) -> dict[str, Any]:
    from workflow.versions import publishing

    pending = office.database.read(lambda store: publishing.pending_of(store, kind))
    if pending is not None:
        return _answer(office, pending, actor, now, refuse, withdraw, yes)
    if refuse or withdraw:
        raise NotFound(what="publication", id=kind)
    on = from_on.date() if from_on else local_day(now)
    return _propose(office, kind, document or draft_id, plan_of(**plan), actor, now, reason, on, yes, as_json)


def _propose(
    office: Office,
    kind: str,
    drafted: Document | int | None,
    plan: Plan,
    actor: Actor,
    now: datetime,
    reason: str,
    on: date,
    yes: bool,
    as_json: bool,
) -> dict[str, Any]:
    from workflow.versions import publishing

    if not reason.strip():
        raise BadInput(why="reason_empty")
    draft_id = draft_of(office, drafted, actor, now, "", as_json)[0] if isinstance(drafted, Document) else drafted
    impact = previewed(office, kind, draft_id, plan, actor, now, as_json)
    if not as_json:
        click.echo(preview_words(told_of(office, impact, now)), err=True)
    confirmed(yes, f"提出发布 {kind}？")
    told: Any = {"impact_id": impact["id"], "seal": impact["seal"], "reason": reason, "from_on": on}
    made = writing(
        office, lambda: office.engine.administer(lambda desk: publishing.propose(desk, **told), actor=actor, now=now)
    )
    return {
        "kind": kind,
        "publication": made,
        "status": "waiting",
        "preview": impact["id"],
        "seal": impact["seal"],
        "run": None,
    }


def _answer(
    office: Office, pending: Mapping[str, Any], actor: Actor, now: datetime, refuse: str, withdraw: str, yes: bool
) -> dict[str, Any]:
    from workflow.versions import publishing

    more = {"publication": pending["id"], "preview": pending["impact_id"], "seal": pending["seal"]}
    if withdraw:
        confirmed(yes, f"撤回发布 {pending['kind']}？")
        back = partial(publishing.withdraw, publication_id=pending["id"], words=withdraw)
        writing(office, lambda: office.engine.administer(lambda desk: back(desk), actor=actor, now=now))
        return {"kind": pending["kind"], "status": "withdrawn", "run": None, **more}
    if pending["proposed_by"] == actor.person_id or pending["granted"] is not None:
        raise Conflict(why="publication_waits", kind=pending["kind"])
    click.echo(agreed_words(office, pending, now), err=True)
    question = f"不同意发布 {pending['kind']}？" if refuse else f"同意发布 {pending['kind']}？理由：{pending['reason']}"
    confirmed(yes, question)
    told: Any = {"granted": not refuse, "seal": pending["seal"], "words": refuse}
    run = writing(office, lambda: office.engine.decide_publication(pending["id"], actor=actor, now=now, **told))
    on_day = "dated" if pending["from_on"] > local_day(now) else "current"
    status = "refused" if refuse else on_day
    return {"kind": pending["kind"], "status": status, "run": run, **more}


def _publish_words(told: Mapping[str, Any]) -> str:
    said = {
        "waiting": "已提出，等另一位流程管理员用 --as 再办一次",
        "dated": "已同意，到执行日自动发布",
        "current": "已发布",
        "refused": "已退回",
        "withdrawn": "已撤回",
    }[told["status"]]
    more = f"；用 duban workflow migrate {told['kind']} 迁移在办的事项" if told["run"] else ""
    return f"{told['kind']}：{said}{more}"


# ---- open cases and the end of a kind --------------------------------------------------------------------------------------


@click.command("migrate")
@click.argument("kind")
@click.option("--reverse", is_flag=True, help="Put back the cases that nothing has happened to since; it takes two people.")
@click.option("--again", is_flag=True, help="Try the refused cases once more; who asks proves who he is.")
@click.option("--reason", default="", help="Why it is put back; the second person reads it.")
@REFUSE
@WITHDRAW
@with_proof
@common
@click.pass_obj
def migrate(login: str | None, /, kind: str, reverse: bool, again: bool, **told: Any) -> None:
    """Bring open cases under the current version by the published plan, from where it stopped. Exit 4 where some stay.

    With --reverse propose, and as another person decide, that they go back; with --again try once more what was refused.
    """
    if reverse and again:
        raise click.UsageError("--reverse or --again")
    now = datetime.now(UTC)
    as_json = told["as_json"]
    with opened() as office:
        run_id = office.database.read(partial(_last_run, kind=kind, is_reversed=reverse))
        if again:
            run_id = _begun_again(office, run_id, proven_actor(office, login, now, told["proof"]), now, told["yes"])
        if reverse:
            motion = _moved(office, login, now, ("reverse", kind, run_id), **told)
            if motion["run"] is None:
                say(motion, as_json, _motion_words)
                return
            run_id = motion["run"]
        _finish(office, kind, run_id, acting(office, login, now), now, as_json)


def _begun_again(office: Office, run_id: int, actor: Actor, now: datetime, yes: bool) -> int:
    """The run over the cases that were refused, by the same plan."""
    from workflow.verbs.bulk import begin_again

    confirmed(yes, "再迁移一次没有迁移成的？")
    return int(writing(office, lambda: office.engine.administer(lambda desk: begin_again(desk, run_id), actor=actor, now=now)))


def _finish(office: Office, kind: str, run_id: int, actor: Actor, now: datetime, as_json: bool) -> None:
    from workflow.reads import versions as reads
    from workflow.reads.several import say_numbers

    _work(office, run_id, now)
    run = office.database.read(partial(reads.get_run, run_id=run_id))
    refused = office.database.read(partial(_refused, run_id=run_id))
    keep_trail(office, actor, now)
    numbers = [line["number"] for line in refused]
    office.engine.read(now, lambda store, occasion: say_numbers(store, occasion, numbers))
    told = {"run": run_id, "kind": kind, "total": run.total, "done": run.done, "refused": refused}
    told["clocks"] = (
        [] if run.publication_id is None else office.database.read(partial(_decided, publication_id=run.publication_id))
    )
    say(told, as_json, _run_words)
    if refused:
        stop(PARTLY)


def _decided(store: Store, publication_id: int) -> list[dict[str, str]]:
    """What the two people have said of clocks; of a run that puts cases back nothing."""
    from workflow.reads import versions as reads
    from workflow.versions import preview

    return decided_of(preview.get_impact(store, reads.get_publication(store, publication_id).impact_id)["plan"])


def _last_run(store: Store, kind: str, *, is_reversed: bool) -> int:
    """The last run of the last publication of the kind that had open cases; to be reversed, the last that is not yet."""
    from workflow.reads import versions as reads

    for publication in reads.publications(store):
        own = [row["id"] for row in store.rows(reads.RUNS, publication_id=publication.id)] if publication.kind == kind else []
        if own:
            whole = [run_id for run_id in own if not reads.reversals_of(store, run_id)] if is_reversed else own
            return int((whole or own)[-1])
    raise NotFound(what="run_of", id=kind)


def _work(office: Office, run_id: int, now: datetime) -> None:
    from workflow.reads import versions as reads

    run = office.database.read(partial(reads.get_run, run_id=run_id))
    with progress(run.total - run.settled, "迁移") as bar:
        while done := writing(office, lambda: office.engine.work_run(run_id, now=now, ceiling=office.settings.ceiling)):
            bar.update(done)


def _refused(store: Store, run_id: int) -> list[dict[str, str]]:
    from states.errors import refusal_of
    from web.errors import sentence_of
    from workflow.reads import versions as reads

    found, after = [], ""
    while True:
        lines, after = reads.run_lines(store, run_id, after, limit=1_000)
        refused = [line for line in lines if line.status == "refused"]
        found += [
            {"number": one.number, "code": one.code, "why": sentence_of(refusal_of(one.code, one.params), LANGUAGE)}
            for one in refused
        ]
        if not after or len(refused) < len(lines):
            return found


def _run_words(told: Mapping[str, Any]) -> str:
    lines = [f"{one['number']}：{one['why']}" for one in told["refused"]]
    return "\n".join([f"办成{told['done']}项，共{told['total']}项", *decided_lines(told), *lines])


@click.command("retire")
@click.argument("kind")
@click.option("--reason", default="", help="Why; the second person reads it.")
@click.option("--reopen", is_flag=True, help="New cases may be registered again.")
@REFUSE
@WITHDRAW
@with_proof
@common
@click.pass_obj
def retire(login: str | None, /, kind: str, reopen: bool, **told: Any) -> None:
    """Propose, and as another person decide, that no new case of a kind is registered; those that are open go on."""
    now, as_json = datetime.now(UTC), told["as_json"]
    with opened() as office:
        said = _moved(office, login, now, ("reopen" if reopen else "retire", kind, None), **told)
    say(said, as_json, _motion_words)


def _moved(
    office: Office,
    login: str | None,
    now: datetime,
    about: tuple[str, str, int | None],
    *,
    reason: str,
    refuse: str,
    withdraw: str,
    proof: Proof,
    yes: bool,
    as_json: bool,
) -> dict[str, Any]:
    """What became of a motion: proposed where none waits, else decided or taken back."""
    from workflow.versions import motions

    del as_json
    actor = proven_actor(office, login, now, proof)
    what, kind, run_id = about
    pending = office.database.read(lambda store: motions.pending_of(store, kind))
    if pending is None and (refuse or withdraw):
        raise NotFound(what="motion", id=kind)
    if pending is not None and (pending["what"] != what or (pending["proposed_by"] == actor.person_id and not withdraw)):
        raise Conflict(why="motion_waits", kind=kind)
    confirmed(yes, _question(what, kind, pending, refuse, withdraw))
    told = {"kind": kind, "what": what, "run": None}
    if pending is None:
        body = partial(motions.propose, what=what, reason=reason, kind=kind, run_id=run_id)
        made = writing(office, lambda: office.engine.administer(lambda desk: body(desk), actor=actor, now=now))
        return {**told, "motion": made, "status": "waiting"}
    told["motion"] = pending["id"]
    if withdraw:
        back = partial(motions.withdraw, motion_id=pending["id"], words=withdraw)
        writing(office, lambda: office.engine.administer(lambda desk: back(desk), actor=actor, now=now))
        return {**told, "status": "withdrawn"}
    word = partial(motions.decide, motion_id=pending["id"], granted=not refuse, words=refuse)
    run = writing(office, lambda: office.engine.administer(lambda desk: word(desk), actor=actor, now=now))
    return {**told, "run": run, "status": "refused" if refuse else "done"}


NAMES = {"reverse": "退回原来的版本", "retire": "停用", "reopen": "恢复"}


def _question(what: str, kind: str, pending: Mapping[str, Any] | None, refuse: str, withdraw: str) -> str:
    if pending is None:
        return f"提出{NAMES[what]} {kind}？"
    if withdraw:
        return f"撤回{NAMES[what]} {kind}？"
    return f"{'不同意' if refuse else '同意'}{NAMES[what]} {kind}？理由：{pending['reason']}"


def _motion_words(told: Mapping[str, Any]) -> str:
    said = {"waiting": "已提出，等另一位流程管理员用 --as 再办一次", "done": "已办", "refused": "已退回", "withdrawn": "已撤回"}
    return f"{told['kind']}：{NAMES[told['what']]}，{said[told['status']]}"


COMMANDS = (publish, migrate, retire)
