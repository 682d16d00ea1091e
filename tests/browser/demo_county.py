"""The demo county as it is once its scheduler has run, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import load
from tests import hours
from tests.web.site import UNHURRIED
from web.checkpointing import keep_checkpoints
from web.commands.demo import load_demo
from web.delivery import deliver_now
from web.wiring import Office, open_office
from workflow.people.accounts import list_people
from workflow.people.preferences import take_tour


@contextmanager
def demo_office(home: Path) -> Iterator[tuple[Office, dict[str, int]]]:
    """The office and its people by login, none of whom is shown round any more."""
    office = open_office(load({"DUBAN_HOME": str(home), "DUBAN_CEILING": "3", "DUBAN_SECOND_FACTOR": "off", **UNHURRIED}), hours.now)
    load_demo(office, hours.now(), if_absent=False)
    keep_checkpoints(office, hours.now())
    office.engine.tick(hours.now())  # as a running scheduler has done by the time that anybody looks
    deliver_now(office, hours.now())
    people = {str(person["login"]): int(person["id"]) for person in office.database.read(list_people)}
    office.database.write(lambda store: [take_tour(store, person_id=one, now=hours.now()) for one in people.values()])
    yield office, people
    office.close()
