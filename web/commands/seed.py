"""duban seed: a realistic synthetic ledger in the demo county's tree."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import click

from handlers.demo.seeding import Cast, Village, lives
from states.errors import Conflict
from web.commands.demo import load_county_of_demo
from web.commands.init import initialise
from web.commands.office import common, opened, progress, say, writing
from web.wiring import Office
from workflow import files, stamping
from workflow.dates import local_day
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.roster import Post
from workflow.store import Store
from workflow.types import Actor

BATCH = 250
# So many cases are lived, verb by verb; what is asked for beyond is stamped from them.
LIVED = 1_000
STAMPED_TOGETHER = 4_000


@click.command("seed")
@click.option("--cases", type=click.IntRange(1, 10_000_000), default=1_000, help="How many cases.")
@click.option("--seed", "dice", type=int, default=1, help="The same number gives the same ledger.")
@common
def command(cases: int, dice: int, yes: bool, as_json: bool) -> None:
    """Make a realistic synthetic ledger."""
    del yes
    with opened(is_made=False) as office:
        told = writing(office, lambda: seed(office, cases, dice, datetime.now(UTC)))
    say(told, as_json, lambda value: f"已生成{value['cases']}件，每分钟约{value['per_minute']}件")


def seed(office: Office, cases: int, dice: int, now: datetime) -> dict[str, Any]:
    """Plays whole lives in batches, and stamps many of them; {cases, per_minute}."""
    initialise(office, now)
    if not office.engine.read(now, lambda _store, occasion: occasion.tree.organs):
        load_county_of_demo(office, now)
    cast = _cast(office, now)
    calendar = office.engine.read(now, lambda _store, occasion: occasion.calendar)
    planned = lives(cast, calendar, local_day(now), min(cases, LIVED), seed=dice)
    began, made = time.monotonic(), 0
    lived: list[int] = []
    with progress(cases, "生成台账") as bar:
        while batch := list(islice(planned, BATCH)):
            lived += [outcome.case_id for outcome in office.engine.live(batch, now=now)]
            bar.update(len(batch))
        made = len(lived)
        for many in _stamped(office, lived, cases - made, dice, now):
            made += many
            bar.update(many)
    return {"cases": made, "per_minute": int(made * 60 / max(time.monotonic() - began, 0.001))}


def _stamped(office: Office, lived: list[int], wanted: int, seed: int, now: datetime) -> Iterator[int]:
    if wanted <= 0:
        return
    dice = random.Random(seed)  # noqa: S311  # A reproducible ledger, not a secret.
    dies = office.engine.read(
        now, lambda store, occasion: [stamping.read_die(store, occasion.catalogue, case_id) for case_id in lived]
    )
    while wanted:
        batch = dice.choices(dies, k=min(wanted, STAMPED_TOGETHER))
        office.database.write(partial(stamping.stamp, dies=batch))
        yield len(batch)
        wanted -= len(batch)


def _cast(office: Office, now: datetime) -> Cast:
    return office.engine.read(now, lambda store, occasion: _read_cast(office, store, occasion, now))


def _read_cast(office: Office, store: Store, occasion: Occasion, now: datetime) -> Cast:
    today = local_day(now)

    def person(role: str, organ_id: int, place: int = 0) -> Actor | None:
        people = occasion.roster.people_at(Post(role, organ_id))
        return actor_of(store, people[min(place, len(people) - 1)], today=today) if people else None

    offices = [organ for organ in occasion.tree.organs.values() if organ.kind == "inspection_office"]
    registrar, closer = (person("handler", offices[0].id, place) for place in (0, 1)) if offices else (None, None)
    head = person("head", offices[0].id) if offices else None
    villages = []
    for organ in sorted(occasion.tree.organs.values(), key=lambda organ: occasion.tree.area_rank[organ.area_id]):
        signer = person("head", organ.id) if organ.kind == "village_party_organisation" else None
        committee = occasion.tree.find_above(organ.id, "township_party_committee") if signer else None
        checker = person("head", committee.id) if committee else None
        if signer and checker:
            area = occasion.tree.areas[organ.area_id]
            villages.append(Village(organ.id, area.short_name or area.name, signer, checker))
    if registrar is None or closer is None or head is None or not villages:
        raise Conflict(why="nobody_to_seed_with")
    evidence = {village.signer.person_id or 0: 0 for village in villages}
    return Cast(registrar, closer, head, villages, _evidence(office, evidence, now))


def _evidence(office: Office, people: dict[int, int], now: datetime) -> dict[int, int]:
    stream = io.BytesIO("整改前后对比照片（演示）\n".encode())
    received = files.receive(office.vault, name="整改照片.txt", stream=stream, limit=1 << 20)

    def work(store: Store) -> dict[int, int]:
        return {person: files.record(store, received, uploaded_by=person, now=now) for person in people}

    return office.database.write(work)
