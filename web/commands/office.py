"""What every command needs: the office, the actor it acts as, the hour, and the same way to print and to ask."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from config.settings import load
from states.errors import BadInput, NotFound, NotPermitted
from workflow.dates import local_day, local_time
from workflow.readiness import require_ready, require_settled

# The engine is loaded by the first command that opens the office: `serve` begins its other process before.
if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.store import Store
    from workflow.types import Actor

Command = TypeVar("Command", bound=Callable[..., Any])
# So often at most a progress bar is drawn anew.
BAR_STEPS = 200


@contextmanager
def opened(*, is_made: bool = True) -> Iterator[Office]:
    """The office of this installation's settings, closed at the end; NotReady where its database is not.

    A command that makes the database itself says `is_made=False`.
    """
    settings = load()
    require_settled(settings.home)
    if is_made:
        require_ready(settings.database)
    from web.wiring import open_office

    office = open_office(settings)
    try:
        yield office
    finally:
        office.close()


def writing(office: Office, work: Callable[[], Any]) -> Any:
    """Runs a command that writes; on SQLite it queues behind the other writing commands of this installation."""
    from web.wiring import under_lock

    return under_lock(office.settings, work) if office.database.is_sqlite else work()


def acting(office: Office, login: str | None, now: datetime) -> Actor:
    """The actor named by --as, or the operator."""
    from workflow.people.actors import actor_of, find_person, operator

    today = local_day(now)
    if not login:
        return office.database.read(lambda store: operator(store, today=today))

    def read(store: Store) -> Actor | None:
        person = find_person(store, login)
        ceiling = office.settings.ceiling
        return actor_of(store, person["id"], today=today, ceiling=ceiling) if person else None

    actor = office.database.read(read)
    if actor is None:
        raise NotFound(what="person", id=login)
    return actor


def reading_cases(office: Office, login: str | None, now: datetime, action: str = "read", request: str = "") -> Actor:
    """The same for a command that shows or moves cases: once the three administrators are set, it needs a person's name.

    What it reads of protected cases goes on the trail as `action`, of this request.
    """
    actor = acting(office, login, now)
    if actor.person_id is None and not actor.sees_all:
        raise NotPermitted(why="nobody_named")
    keep_trail(office, actor, now, action, request)
    return actor


def keep_trail(office: Office, actor: Actor, now: datetime, action: str = "read", request: str = "") -> None:
    """From here on, what this command reads of protected cases is on the trail before it is printed."""
    from workflow import trail

    def keep(ids: Collection[int]) -> None:
        who, what = trail.Origin(actor.person_id, request=request), "command line"
        office.database.write(lambda store: trail.record(store, who, action, now=now, what=what, cases=ids))

    office.engine.on_shown = keep


def telling_of_key(office: Office, act: str, purpose: str, how: str = "") -> Callable[[str], None]:
    """Puts on the trail what the operator is about to do with a key, by its id: first the row, then the deed."""
    from workflow import trail

    def tell(key_id: str) -> None:
        now = datetime.now(UTC)
        told = partial(trail.key_used, key_id=key_id, act=act, now=now, purpose=purpose, how=how, is_operator=True)
        writing(office, lambda: office.database.write(told))

    return tell


def at_hour(text: str | None) -> datetime:
    """The hour that `--now` gives (a day, or a day and an hour, local), else the clock's."""
    if not text:
        return datetime.now(UTC)
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(why="not_a_time", text=text) from None
    if told.tzinfo is None:
        # A bare day means the end of its office hours, so that everything of that day is due.
        minutes = (told.hour * 60 + told.minute) or 18 * 60
        return local_time(told.date(), 0) + (datetime.min.replace(hour=minutes // 60, minute=minutes % 60) - datetime.min)
    return told.astimezone(UTC)


def answers_of(text: str) -> dict[str, Any]:
    """What was typed as a JSON object, answers by their questions. BadInput not_json."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(why="not_json", text=text[:80])
    return found


def say(value: Any, as_json: bool, plain: Callable[[Any], str]) -> None:
    """Prints the answer: one JSON text, or words."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else plain(value))


class Silent:
    """A progress bar that nobody sees."""

    def update(self, steps: int) -> None:
        """Nothing moves."""


@contextmanager
def progress(length: int, label: str) -> Iterator[Any]:
    """A progress bar on the terminal's error output; nothing where there is no terminal, and beside an answer in JSON."""
    context = click.get_current_context(silent=True)
    if not sys.stderr.isatty() or (context is not None and context.params.get("as_json")):
        yield Silent()
        return
    steps = max(1, length // BAR_STEPS)
    with click.progressbar(length=length, label=label, file=sys.stderr, update_min_steps=steps) as bar:
        yield bar


def confirmed(yes: bool, question: str) -> None:
    """Asks, unless --yes was said; without a terminal, no answer is no."""
    if not yes:
        click.confirm(question, abort=True)


def common(command: Command) -> Command:
    """--yes and --json, which every command has."""

    @click.option("--yes", is_flag=True, help="Ask nothing.")
    @click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return command(*args, **kwargs)

    return wrapped  # type: ignore[return-value]  # click's decorators keep the function's own type.
