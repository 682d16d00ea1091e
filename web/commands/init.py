"""duban init: the database, the shipped kinds, and the one-time set-up link."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import click

from handlers.settings.registry import SETTINGS
from web.commands.office import common, opened, say, writing
from web.wiring import Office, shipped_workflows
from workflow import keyring, migrations, occasions, trail
from workflow.configuration import changes
from workflow.people.setup import is_done, make_link
from workflow.sealing import escrow, masters
from workflow.store import Store
from workflow.versions import shipping


@click.command("init")
@common
def command(yes: bool, as_json: bool) -> None:
    """Make or migrate the database and publish the shipped kinds; print the set-up link."""
    del yes  # Nothing is asked: a second run changes nothing.
    with opened(is_made=False) as office:
        told = writing(office, lambda: initialise(office, datetime.now(UTC)))
        link = office.database.write(_link)
    told["setup"] = f"/setup/{link}" if link else ""
    say(told, as_json, _words)


def _version(number: int | None) -> str:
    return "有新稿，待发布" if number is None else f"第{number}版"


def _link(store: Store) -> str:
    return "" if is_done(store) else make_link(store, now=datetime.now(UTC))


def initialise(office: Office, now: datetime) -> dict[str, Any]:
    """Migrates, makes the keys that sign checkpoints and receipts and seal secrets, and publishes what ships.

    A kind that has cases keeps its version, the changed one waits as a draft.
    """
    office.settings.home.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(office.settings.database)
    _make_keys(office, now)
    published = {}
    for kind, document in shipped_workflows().items():
        faults = office.prove(document.data)
        assert not faults, f"the shipped definition {kind} is faulty: {faults}"
        published[kind] = office.database.write(partial(shipping.ship, document=document.data, source=document.text, now=now))
    office.database.write(lambda store: occasions.moved(store, "definitions"))
    office.database.write(partial(changes.ship, kinds=SETTINGS.values(), now=now))
    key = keyring.get_key(office.settings.key_folder, "checkpoint").public.id
    return {"home": str(office.settings.home), "published": published, "key": key}


def _make_keys(office: Office, now: datetime) -> None:
    folder, cipher = office.settings.key_folder, office.settings.cipher

    def telling(purpose: str) -> keyring.Tell:
        made = partial(trail.key_used, act="made", now=now, purpose=purpose, is_operator=True)
        return lambda key_id: office.database.write(partial(made, key_id=key_id))

    keyring.make_missing(folder, ("checkpoint", "receipt"), now, telling)
    masters.make_missing(folder, now, cipher, telling)
    escrow.make_missing(folder, now, cipher, telling)


def _words(told: dict[str, Any]) -> str:
    lines = [f"已就绪：{told['home']}", "流程：" + "、".join(f"{kind} {_version(n)}" for kind, n in told["published"].items())]
    if told["setup"]:
        lines.append(f"首次设置链接（一次有效）：{told['setup']}")
    return "\n".join(lines)
