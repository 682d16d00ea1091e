"""duban vote: a step is put to the vote of its body, voted on, recorded from minutes, taken back; the step is `case fire`.

A vote counts because several people have agreed, so whoever says a word, or writes others' words down, proves who he is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from states.errors import CaseNotFound, NotFound
from web.cases.decisions import CHOICES, OUTCOMES
from web.cases.typed import MEBIBYTE
from web.commands.office import answers_of, common, confirmed, keep_trail, opened, reading_cases, say, writing
from web.commands.proof import Proof, proven_actor, with_proof
from web.wiring import Office
from workflow import files
from workflow.people.actors import find_person
from workflow.reads.decisions import tell_decisions
from workflow.reads.seen import find_number, see
from workflow.types import Actor, Outcome
from workflow.verbs.votes import Word

CHOICE = click.Choice(list(CHOICES))


@click.group("vote")
def command() -> None:
    """A step that a body decides on: put it to the vote, vote, record what a meeting voted, take it back."""


@command.command("show")
@click.argument("number")
@common
@click.pass_obj
def show(login: str | None, number: str, yes: bool, as_json: bool) -> None:
    """Print how each vote on a case stands, the newest first."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        case_id = _id_of(office, actor, now, number)
        told = office.engine.read(now, lambda store, occasion: tell_decisions(see(store, occasion, actor, case_id)))
    for one in told:
        say(one, as_json, _vote_text)


def _vote_text(told: dict[str, Any]) -> str:
    counted = f"已表决{told['voted']}人，同意{told['agreed']}人"
    needed = "" if told["favour"] is None else f"，应到{told['entitled']}人，须{told['favour']}人同意"
    head = f"{told['trigger']}：{OUTCOMES[told['outcome']]}，{told['asked_by']}提请，{counted}{needed}"
    said = ("：".join(filter(None, (f"{one['name']} {CHOICES[one['choice']]}", one["reason"]))) for one in told["ballots"])
    waiting = "、".join(member["name"] for member in told["members"])
    return "\n  ".join([head, *said, *([f"未表决：{waiting}"] if waiting else [])])


@command.command("ask")
@click.argument("number")
@click.argument("trigger")
@click.option("--data", default="{}", help="The step's answers as JSON.")
@common
@click.pass_obj
def ask(login: str | None, number: str, trigger: str, data: str, yes: bool, as_json: bool) -> None:
    """Put a step with its answers to the vote."""
    del yes
    now, answers = datetime.now(UTC), answers_of(data)
    with opened() as office:
        actor = reading_cases(office, login, now)
        _do(office, actor, now, number, as_json, lambda i, **who: office.engine.ask_decision(i, trigger, data=answers, **who))


@command.command("cast")
@click.argument("number")
@click.argument("trigger")
@click.option("--choice", type=CHOICE, required=True, help="The word.")
@click.option("--reason", default="", help="Why; all words but agree need it.")
@with_proof
@common
@click.pass_obj
def cast(
    login: str | None, number: str, trigger: str, choice: str, reason: str, proof: Proof, yes: bool, as_json: bool
) -> None:
    """Say a member's own word, once; whoever recuses himself is taken off the case."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        keep_trail(office, actor, now, "act")
        confirmed(yes, f"对“{number}”表决：{CHOICES[choice]}？表决以后不能改。")
        told: dict[str, Any] = {"choice": choice, "reason": reason}
        _do(office, actor, now, number, as_json, lambda i, **who: office.engine.vote(i, trigger, **told, **who))


@command.command("record")
@click.argument("number")
@click.argument("trigger")
@click.option("--votes", required=True, help='As JSON by login: {"song": "agree", "fang": ["disagree", "why"]}.')
@click.option("--scan", type=click.Path(exists=True, dir_okay=False), required=True, help="The scanned minutes.")
@click.option("--met-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of the meeting.")
@click.option("--minutes", default="", help="What the minutes are called.")
@with_proof
@common
@click.pass_obj
def record(
    login: str | None,
    number: str,
    trigger: str,
    votes: str,
    scan: str,
    met_on: datetime,
    minutes: str,
    proof: Proof,
    yes: bool,
    as_json: bool,
) -> None:
    """Write down what a meeting has voted, from its minutes; whoever does it does not vote."""
    now, said = datetime.now(UTC), answers_of(votes)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        keep_trail(office, actor, now, "act")
        words = list(_words(office, said))
        confirmed(yes, f"补录{len(words)}人对“{number}”的表决？补录以后不能改。")

        def work(case_id: int, **who: Any) -> Outcome:
            told: dict[str, Any] = {
                "words": words,
                "scan": _received(office, scan),
                "met_on": met_on.date(),
                "minutes": minutes,
            }
            return office.engine.record_votes(case_id, trigger, **told, **who)

        _do(office, actor, now, number, as_json, work)


@command.command("withdraw")
@click.argument("number")
@click.argument("trigger")
@click.option("--reason", required=True, help="Why.")
@common
@click.pass_obj
def withdraw(login: str | None, number: str, trigger: str, reason: str, yes: bool, as_json: bool) -> None:
    """Take back what one has put to the vote."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        confirmed(yes, f"撤回“{number}”的提请？")
        _do(
            office,
            actor,
            now,
            number,
            as_json,
            lambda i, **who: office.engine.withdraw_decision(i, trigger, reason=reason, **who),
        )


# ---- what they share --------------------------------------------------------------------------------------------------------


def _do(office: Office, actor: Actor, now: datetime, number: str, as_json: bool, work: Callable[..., Outcome]) -> None:
    case_id = _id_of(office, actor, now, number)
    outcome = writing(office, lambda: work(case_id, actor=actor, now=now))
    told = {"number": outcome.number, "state": outcome.state, "version": outcome.version}
    say(told, as_json, lambda value: f"{value['number']} {value['state']}（第{value['version']}版）")


def _id_of(office: Office, actor: Actor, now: datetime, number: str) -> int:
    found = office.engine.read(now, lambda store, occasion: find_number(store, occasion, actor, number))
    if found is None:
        raise CaseNotFound(number=number)
    return found


def _words(office: Office, said: dict[str, Any]) -> Iterator[Word]:
    for login, word in said.items():
        person = office.database.read(partial(find_person, login=login))
        if person is None:
            raise NotFound(what="person", id=login)
        choice, reason = word if isinstance(word, list) and len(word) == 2 else (word, "")
        yield Word(person["id"], str(choice), str(reason))


def _received(office: Office, scan: str) -> files.Received:
    with Path(scan).open("rb") as stream:
        limit = office.settings.upload_mebibytes * MEBIBYTE
        return files.receive(office.vault, name=Path(scan).name, stream=stream, limit=limit)
