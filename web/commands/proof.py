"""Who sits at the machine: a name alone proves nobody, so what takes two people asks each for a proof that is his own.

That is the password with a code of the second factor, or a token that its owner made for himself on the page, behind a fresh
proof. A token made on the command line opens the API and proves nobody here: whoever sits at the machine could make one for
each of the two.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from states.errors import NotPermitted
from web.commands.office import acting

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.types import Actor

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
# What tries of a password are counted by, beside addresses of browsers.
ADDRESS = "command line"


@dataclass(frozen=True, slots=True)
class Proof:
    """The files that hold a proof; "-" is a line of the input, and what is lacking a terminal asks for."""

    password_file: str | None = None
    code_file: str | None = None
    token_file: str | None = None


def with_proof(command: Command) -> Command:
    """--password-file, --code-file and --token-file, which the command gets as `proof`."""

    @click.option(
        "--token-file", type=FILE, default=None, help="A file with a token that --as made on the page; - is the input."
    )
    @click.option("--code-file", type=FILE, default=None, help="A file with a code of the second factor; - is the input.")
    @click.option("--password-file", type=FILE, default=None, help="A file with the password of --as; - is the input.")
    @functools.wraps(command)
    def wrapped(*args: Any, password_file: str | None, code_file: str | None, token_file: str | None, **told: Any) -> Any:
        return command(*args, proof=Proof(password_file, code_file, token_file), **told)

    return wrapped  # type: ignore[return-value]  # click's decorators keep the function's own type.


def proven_actor(office: Office, login: str | None, now: datetime, proof: Proof) -> Actor:
    """The person of --as who has proven to be that person; NotPermitted for nobody, and for a proof of somebody else.

    It is on the trail as a sign-in.
    """
    from workflow import trail
    from workflow.people.tokens import owner_of_token

    if not login:
        raise NotPermitted(why="nobody_publishes")
    actor = acting(office, login, now)
    if proof.token_file:
        token = _line_of(proof.token_file)
        found = office.database.read(lambda store: owner_of_token(store, token=token, now=now))
    else:
        found = _by_password(office, login, actor, now, proof)
    if found is None or found != actor.person_id:
        raise NotPermitted(why="not_proven")
    who = trail.Origin(actor.person_id, address=ADDRESS)
    office.database.write(lambda store: trail.record(store, who, "sign_in", now=now, what="proof"))
    return actor


def _by_password(office: Office, login: str, actor: Actor, now: datetime, proof: Proof) -> int:
    """Whose password it is, with a code where he has a second factor. NotPermitted no_factor where he must have one first."""
    from workflow.people.factors import list_factors
    from workflow.people.proving import needs_factor, prove_code
    from workflow.people.sign_in import prove
    from workflow.sealing.seal import Seal

    password = _line_of(proof.password_file) if proof.password_file else _asked(f"{login} 的口令")
    found = prove(office.database, login=login, password=password, address=ADDRESS, now=now)
    rule = office.settings.second_factor
    if office.database.read(lambda store: list_factors(store, found)):
        code = _line_of(proof.code_file) if proof.code_file else _asked(f"{login} 的动态码或备用码")
        seal = Seal(office.settings.sealing_key())
        prove_code(office.database, person_id=found, code=code, seal=seal, address=ADDRESS, now=now)
    elif office.engine.read(now, lambda _store, occasion: needs_factor(actor, occasion.catalogue, rule)):
        raise NotPermitted(why="no_factor")
    return found


def _line_of(file: str) -> str:
    if file == "-":
        return sys.stdin.readline().rstrip("\r\n")
    text = Path(file).read_text(encoding="utf-8")
    return text.splitlines()[0] if text else ""


def _asked(what: str) -> str:
    """Typed unseen; without a terminal nobody can type anything."""
    if not sys.stdin.isatty():
        raise NotPermitted(why="not_proven")
    typed: str = click.prompt(what, hide_input=True, err=True)
    return typed
