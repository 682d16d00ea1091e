"""duban workflow draft, drafts, examples, name, drop: the definitions under work, as on the pages of the designer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config.documents import Document, parse
from states.errors import NotFound
from states.schema import load as load_definition
from web.cli import FOUND_FAULTS, LANGUAGE, stop
from web.commands.office import acting, common, confirmed, opened, say, writing
from web.text_files import faults_in, faults_of, line_of, read_document
from web.wiring import read_shipped, vocabulary

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.store import Store
    from workflow.types import Actor

WHICH = click.option("--draft", "draft_id", type=int, help="Which draft; without it, the newest of the kind.")


def say_faults(found: list[dict[str, Any]], as_json: bool) -> None:
    """Every fault on a line; ends the command with 1 where there is one."""
    say(found, as_json, lambda faults: "\n".join(line_of(fault) for fault in faults) or "没有问题")
    if found:
        stop(FOUND_FAULTS)


def proven(file: Path, as_json: bool) -> Document:
    """The document of a file; ends the command with its faults where it has any."""
    if faults := faults_of(file, vocabulary(read_shipped("vocabulary.yaml").data)):
        say_faults(faults, as_json)
    return read_document(file)


def draft_at(store: Store, kind: str, draft_id: int | None = None) -> Mapping[str, Any]:
    """A draft of a kind: the one that is named, or of the open ones that which was begun last. NotFound."""
    from workflow.versions import drafts

    if draft_id is not None:
        draft = drafts.get_draft(store, draft_id)
        if draft["kind"] != kind:
            raise NotFound(what="draft", id=draft_id)
        return draft
    found = [one for one in drafts.list_open(store) if one["kind"] == kind]
    if not found:
        raise NotFound(what="draft_of", id=kind)
    return found[-1]


# ---- begun, and given another text ------------------------------------------------------------------------------------------


@click.command("draft")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--example", help="Begin with one of `duban workflow examples`.")
@click.option("--current", help="Begin with the current version of a KEY.")
@click.option("--empty", help="Begin with the smallest kind that has no fault, under this new KEY; --title says what it is.")
@click.option("--title", default="", help="What the new kind is called.")
@click.option("--onto", type=int, help="Not a new draft: the next text of this one.")
@click.option("--name", default="", help="What the draft is called.")
@common
@click.pass_obj
def draft(login: str | None, /, file: Path | None, onto: int | None, name: str, yes: bool, as_json: bool, **begun: str) -> None:
    """Keep a definition as a draft of its kind, once its proofs are through: a FILE, or what an option begins with."""
    del yes
    now = datetime.now(UTC)
    document = proven(file, as_json) if file else None
    if bool(document) + sum(bool(begun[one]) for one in ("example", "current", "empty")) != 1:
        raise click.UsageError("FILE, --example, --current or --empty")
    with opened() as office:
        document = document or _begun(office, **begun)
        actor, called = acting(office, login, now), name or (file.stem if file and onto is None else "")
        draft_id, kind = draft_of(office, document, actor, now, called, as_json, onto)
    say({"draft": draft_id, "kind": kind}, as_json, lambda told: f"草稿{told['draft']}（{told['kind']}）已通过检查")


def _begun(office: Office, *, example: str | None, current: str | None, empty: str | None, title: str) -> Document:
    """What a draft begins with where there is no file."""
    from web.designer.beginnings import skeleton
    from web.designer.examples import current_text, examples, require_new_kind
    from workflow import definitions

    if empty:
        kinds = [row["kind"] for row in office.database.read(lambda store: store.rows(definitions.VERSIONS))]
        return parse(skeleton(*require_new_kind(empty, title, kinds)), name=empty)
    if example:
        if example not in examples():
            raise NotFound(what="example", id=example)
        return parse(examples()[example][1], name=example)
    return parse(office.database.read(partial(current_text, kind=str(current))), name=str(current))


def draft_of(
    office: Office,
    document: Document,
    actor: Actor,
    now: datetime,
    name: str,
    as_json: bool,
    onto: int | None = None,
) -> tuple[int, str]:
    """The id and kind of the draft that has this text now; ends the command with what stands against it."""
    from workflow.versions import drafts

    kind = str(document.data["key"])
    told: Any = {"actor": actor, "now": now}

    def put(store: Store) -> int:
        if onto is None:
            return drafts.begin(store, kind=kind, name=name, source=document.text, **told)
        return _put_onto(store, draft_at(store, kind, onto), document.text, name, told)

    draft_id = int(writing(office, lambda: office.database.write(put)))
    if faults := unproven(office, draft_id):
        say_faults(faults, as_json)
    return draft_id, kind


def _put_onto(store: Store, draft: Mapping[str, Any], source: str, name: str, told: Mapping[str, Any]) -> int:
    """The draft with its next text, which can be taken back on the page."""
    from workflow.versions import drafts
    from workflow.versions.steps import Step, add_step

    layout = drafts.layout_of(draft)
    if source != draft["source"]:
        add_step(store, draft_id=draft["id"], before=Step(draft["source"], layout), after=Step(source, layout))
    drafts.change(store, draft["id"], revision=draft["revision"], source=source, name=name or None, **told)
    return int(draft["id"])


def unproven(office: Office, draft_id: int) -> list[dict[str, Any]]:
    """What stands against a draft: its faults, or what came out otherwise of its scenarios; without any it is proven."""
    from states.schema import dump
    from web.versions.naming import Names
    from web.versions.scenes import scenario_words
    from workflow.versions import drafts

    draft = office.database.read(partial(drafts.get_draft, draft_id=draft_id))
    if faults := faults_in(draft["source"], draft["kind"], office.vocabulary):
        return faults
    found = writing(office, lambda: office.prove_draft(draft_id))
    names = Names(office.titles, LANGUAGE, dump(load_definition(drafts.require_text(draft["source"]).document)))
    said = [words for one in found.told for words in scenario_words(one, names, LANGUAGE)]
    told = {"file": draft["kind"], "line": 1, "id": "scenario", "pointer": "/scenarios"}
    return [{**told, "said": words} for words in said]


# ---- listed, named, dropped -------------------------------------------------------------------------------------------------


@click.command("drafts")
@click.argument("kind", required=False)
@common
def drafts_command(kind: str | None, yes: bool, as_json: bool) -> None:
    """List the drafts under work, of a KEY or of every kind, and how far each has come."""
    del yes
    with opened() as office:
        found = drafts_told(office, lambda row: kind in (None, row["kind"]))
    say(found, as_json, lambda told: "\n".join(map(draft_words, told)) or "没有草稿")


def drafts_told(office: Office, fits: Callable[[Mapping[str, Any]], bool]) -> list[dict[str, Any]]:
    """The drafts under work that fit, and how far each has come."""
    from workflow.reads.names import names_of
    from workflow.versions import drafts

    def read(store: Store) -> list[dict[str, Any]]:
        rows = [row for row in drafts.list_open(store) if fits(row)]
        names = names_of(store, [row["changed_by"] for row in rows])
        return [{**row, "changer": names.get(row["changed_by"], "")} for row in rows]

    return [_told(row, office) for row in office.database.read(read)]


def _told(row: Mapping[str, Any], office: Office) -> dict[str, Any]:
    from workflow.versions.drafts import is_proven

    plain = {name: row[name] for name in ("kind", "name", "revision", "changer", "changed_at")}
    faults = len(faults_in(row["source"], row["kind"], office.vocabulary))
    return {"draft": row["id"], **plain, "faults": faults, "proven": is_proven(row)}


def draft_words(told: Mapping[str, Any]) -> str:
    """A draft in one line."""
    state = "已通过检查" if told["proven"] else f"有{told['faults']}处问题" if told["faults"] else "还没有检查"
    return "\t".join([str(told["draft"]), told["kind"], told["name"], f"第{told['revision']}稿", state])


@click.command("examples")
@common
def examples_command(yes: bool, as_json: bool) -> None:
    """List what a draft may begin with: the variants that counties run, and the examples that ship."""
    del yes
    from web.designer.examples import examples
    from web.designer.names import spoken

    found = [{"name": name, "title": spoken(title)} for name, (title, _text) in examples().items()]
    say(found, as_json, lambda told: "\n".join(f"{one['name']}\t{one['title']}" for one in told))


@click.command("name")
@click.argument("draft_id", metavar="DRAFT", type=int)
@click.argument("name")
@common
@click.pass_obj
def name_command(login: str | None, draft_id: int, name: str, yes: bool, as_json: bool) -> None:
    """Give a draft another name."""
    del yes
    from web.designer.examples import fit_name
    from workflow.versions import drafts

    now, called = datetime.now(UTC), fit_name(name)
    with opened() as office:
        told: Any = {"actor": acting(office, login, now), "now": now, "name": called}

        def body(store: Store) -> None:
            drafts.change(store, draft_id, revision=drafts.get_draft(store, draft_id)["revision"], **told)

        writing(office, lambda: office.database.write(body))
    say({"draft": draft_id, "name": called}, as_json, lambda said: f"草稿{said['draft']}改名为“{said['name']}”")


@click.command("drop")
@click.argument("draft_id", metavar="DRAFT", type=int)
@common
@click.pass_obj
def drop(login: str | None, draft_id: int, yes: bool, as_json: bool) -> None:
    """End work on a draft; its text stays, and nothing can be published from it."""
    from workflow.versions import drafts, steps

    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        draft = office.database.read(partial(drafts.get_draft, draft_id=draft_id))
        confirmed(yes, f"草稿{draft_id}（{draft['kind']}）作废？")

        def body(store: Store) -> None:
            drafts.drop(store, draft_id, actor=actor, now=now)
            steps.forget_steps(store, draft_id)

        writing(office, lambda: office.database.write(body))
    say({"draft": draft_id, "kind": draft["kind"]}, as_json, lambda told: f"草稿{told['draft']}（{told['kind']}）已作废")


COMMANDS = (draft, drafts_command, examples_command, name_command, drop)
