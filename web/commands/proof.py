"""Who sits at the machine: a name alone proves nobody, so what takes two people asks each for a password or a token."""

from __future__ import annotations

import sys
from collections.abc import Callable
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


def with_proof(command: Command) -> Command:
    """--password-file and --token-file; with neither, a terminal asks for the password."""
    options = (
        click.option("--token-file", type=FILE, default=None, help="A file with an own token of --as; - is the input."),
        click.option("--password-file", type=FILE, default=None, help="A file with the password of --as; - is the input."),
    )
    for option in options:
        command = option(command)
    return command


def proven_actor(office: Office, login: str | None, now: datetime, password_file: str | None, token_file: str | None) -> Actor:
    """The person of --as who has proven to be that person; NotPermitted for nobody, and for a proof of somebody else."""
    from workflow.people.sign_in import prove
    from workflow.people.tokens import person_of_token

    if not login:
        raise NotPermitted(why="nobody_publishes")
    actor = acting(office, login, now)
    if token_file:
        token = _line_of(token_file)
        found = office.database.read(lambda store: person_of_token(store, token=token, now=now))
    else:
        password = _line_of(password_file) if password_file else _asked(login)
        found = prove(office.database, login=login, password=password, address=ADDRESS, now=now)
    if found is None or found != actor.person_id:
        raise NotPermitted(why="not_proven")
    return actor


def _line_of(file: str) -> str:
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    return text.splitlines()[0] if text else ""


def _asked(login: str) -> str:
    """The password, typed unseen; without a terminal nobody can type one."""
    if not sys.stdin.isatty():
        raise NotPermitted(why="not_proven")
    typed: str = click.prompt(f"{login} 的口令", hide_input=True, err=True)
    return typed
