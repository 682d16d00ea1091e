"""The only place that knows every room: settings and behaviour become one office that pages and commands work with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import config
from config.documents import Document, parse
from config.settings import Settings
from config.vocabulary import load_vocabulary
from handlers.registry import EFFECTS, LETTERS, RUNGS
from handlers.settings.overlay import vocabulary_of
from states.checks import prove
from states.overlay import overlaid
from states.vocabulary import Vocabulary, signature_of
from workflow import previews
from workflow.calendars import shipped
from workflow.configuration.settings import Settings as SettingsInForce
from workflow.database import Database
from workflow.engine import Engine
from workflow.files import Vault
from workflow.sealing.masters import read_masters
from workflow.sealing.sealer import Sealer
from workflow.signing import Signer
from workflow.types import ADMINISTERING, WORKING
from workflow.versions import drafts, made_county, proving
from workflow.versions.proving import Examined
from workflow.versions.scenarios import Told

WORKFLOWS = Path(config.__file__).parent / "workflows"
GALLERY = Path(config.__file__).parent / "gallery"


def machine_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """Everything a page or a command needs: settings, the database and the engine over it, and the clock that pages go by."""

    settings: Settings
    database: Database
    engine: Engine
    clock: Callable[[], datetime] = machine_clock
    _kept: dict[str, tuple[SettingsInForce, Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def vault(self) -> Vault:
        """Where files lie, and the keys that they lie under."""
        return Vault(self.settings.home, self.engine.sealer, self.settings.digest_suite)

    @property
    def signer(self) -> Signer:
        """What signs receipts here."""
        return Signer(self.settings.key_folder, self.settings.origin)

    @property
    def titles(self) -> Mapping[str, Any]:
        """The titles of organ kinds, roles, relations, levels and messages in three languages, as the county has set them."""
        settings = self.engine.settings
        kept = self._kept.get("titles")
        if kept is None or kept[0] is not settings:
            kept = self._kept["titles"] = (settings, vocabulary_of(settings))
        return kept[1]

    @property
    def words(self) -> Vocabulary:
        """The closed vocabulary as far as it ships: all but the kinds that the county has built."""
        return vocabulary(self.titles)

    @property
    def vocabulary(self) -> Vocabulary:
        """The closed vocabulary that definitions are proven against: a kind that was built may be named by another."""
        served = self.engine.read(self.clock(), lambda _store, occasion: frozenset(occasion.catalogue.current))
        return replace(self.words, kinds=self.words.kinds | served)

    def prove(self, document: Mapping[str, Any]) -> tuple[Any, ...]:
        """Every fault of a definition."""
        return prove(document, self.vocabulary)

    def examine(self, document: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]] | None = None) -> Examined:
        """The faults of a definition, and what becomes of its scenarios beside `others` (not said: the current versions)."""
        known = self.database.read(proving.documents) if others is None else others
        made = self._made(others is None)
        return proving.examine(document, vocabulary=self.vocabulary, others=known, office=made)

    def told_of(self, document: Mapping[str, Any]) -> tuple[Told | None, ...]:
        """What became of each scenario of a proven definition beside the current versions; None for one not lived through."""
        return proving.known(document, others=self.database.read(proving.documents), office=self._made(True))

    def _made(self, is_here: bool) -> made_county.Office:
        """What a made county gets of this office; its calendar is the one in force here, or the one that ships."""
        calendar = self.engine.read(self.clock(), lambda _store, occasion: occasion.calendar) if is_here else shipped()
        known_words = self.words
        added = tuple(sorted(known_words.roles - set(WORKING) - set(ADMINISTERING)))
        return made_county.Office(EFFECTS, RUNGS, known_words.organ_kinds, calendar, (*WORKING, *added))

    def prove_draft(self, draft_id: int) -> Examined:
        """The same of a draft as it stands; whether it is through is written down. BadInput draft_unreadable."""
        draft = self.database.read(lambda store: drafts.get_draft(store, draft_id))
        found = self.examine(drafts.require_text(draft["source"]).document)
        if found.is_proven:
            self.database.write(lambda store: drafts.say_proven(store, draft_id, source=draft["source"]))
        else:
            self.database.write(lambda store: drafts.say_unproven(store, draft_id, digest=draft["digest"]))
        return found

    def prove_again(self, draft_id: int) -> None:
        """Examines once more what is proven: a calendar, a word or another kind may have changed since."""
        if drafts.is_proven(self.database.read(lambda store: drafts.get_draft(store, draft_id))):
            self.prove_draft(draft_id)

    def wipe(self, digest: str) -> None:
        """Destroys the bytes of a file whose case was disposed of."""
        self.database.read(lambda store: previews.destroy(store, self.settings.home, digest))

    def close(self) -> None:
        """Gives the database's connections back."""
        self.database.close()


def open_office(settings: Settings, clock: Callable[[], datetime] = machine_clock) -> Office:
    """The office of an installation. It opens no connection before the first verb or read."""
    database = Database(settings.database, settings.digest_suite)
    sealer = Sealer(lambda: read_masters(settings.key_folder))
    signer = Signer(settings.key_folder, settings.origin)
    engine = Engine(database, effects=EFFECTS, rungs=RUNGS, channels=settings.channels, sealer=sealer, signer=signer)
    return Office(settings, database, engine, clock)


def read_shipped(name: str) -> Document:
    """A YAML document that ships in `config/`."""
    path = Path(config.__file__).parent / name
    return parse(path.read_text(encoding="utf-8"), name=name)


def shipped_titles() -> Mapping[str, Any]:
    """The words of the pages that belong to no kind of case, as they ship (`config/vocabulary.yaml`)."""
    return load_vocabulary()


@cache
def shipped_kinds() -> frozenset[str]:
    """The kinds that came with the program."""
    return frozenset(p.stem for p in WORKFLOWS.glob("*.yaml"))


def shipped_workflows() -> dict[str, Document]:
    """The definitions that ship, by kind, parents before children."""
    documents = {p.stem: parse(p.read_text(encoding="utf-8"), name=p.name) for p in sorted(WORKFLOWS.glob("*.yaml"))}
    return {document.data["key"]: document for document in documents.values()}


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of a shipped kind: its title in three languages, the kind, and the whole document."""

    title: Mapping[str, str]
    kind: str
    document: Mapping[str, Any]


@cache
def gallery() -> Mapping[str, Variant]:
    """The variants that ship, by their key: each a shipped kind with a few changes."""
    shipped_ones, found = shipped_workflows(), {}
    for path in sorted(GALLERY.glob("*.yaml")):
        told = parse(path.read_text(encoding="utf-8"), name=path.name).data
        document = overlaid(shipped_ones[told["kind"]].data, told["changes"])
        found[told["key"]] = Variant(told["title"], told["kind"], document)
    return found


def vocabulary(titles: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary of this office: names from the registries, organ kinds and roles from `config/vocabulary.yaml`."""
    return Vocabulary(
        roles=frozenset(titles["roles"]),
        organ_kinds={kind: told["level"] for kind, told in titles["organ_kinds"].items()},
        kinds=shipped_kinds(),
        effects={name: signature_of(effect) for name, effect in EFFECTS.items()},
        rungs={name: signature_of(rung) for name, rung in RUNGS.items()},
        letters=frozenset(LETTERS),
        messages=frozenset(titles["messages"]),
        evidence_labels=frozenset(titles["evidence_labels"]),
        retentions=frozenset(titles["retentions"]),
    )


def under_lock(settings: Settings, work: Callable[[], Any]) -> Any:
    """Runs `work` while no other writing command of this installation runs: SQLite's writers queue by a lock file."""
    import fcntl

    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "commands.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            return work()
        finally:
            fcntl.flock(held, fcntl.LOCK_UN)


def environment() -> Mapping[str, str]:
    """The process's environment, for settings."""
    return os.environ
