"""duban workflow: check, draw, list and publish definitions."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from states.draw import mermaid, svg
from states.errors import BadInput
from states.schema import load as load_definition
from states.vocabulary import Vocabulary
from web.author_words import as_markdown, as_text, words_of
from web.commands import drafts, edits, impacts, scenarios, taking, two_people, versions
from web.commands.drafts import WHICH
from web.commands.office import common, opened, say
from web.text_files import faults_of, read_document
from web.wiring import read_shipped, vocabulary
from workflow import definitions
from workflow.reads.versions import version_of

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


@click.group("workflow")
def command() -> None:
    """Check, draw, list and publish workflow definitions."""


for _one in (
    *drafts.COMMANDS,
    *edits.COMMANDS,
    *versions.COMMANDS,
    *impacts.COMMANDS,
    *taking.COMMANDS,
    *scenarios.COMMANDS,
    *two_people.COMMANDS,
):
    command.add_command(_one)


class FileOrKey(click.Path):
    """A file, or the key of a kind, which stands for its newest draft."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What is no file and could be a key is one."""
        if KEY.fullmatch(str(value)) and not Path(value).exists():
            return str(value)
        return super().convert(value, param, ctx)


@command.command("check")
@click.argument(
    "told", metavar="FILE|KEY", nargs=-1, required=True, type=FileOrKey(exists=True, dir_okay=False, path_type=Path)
)
@WHICH
@common
def check(told: tuple[Path | str, ...], draft_id: int | None, yes: bool, as_json: bool) -> None:
    """Prove definitions, or a draft of a KEY; print every fault with its line, and exit 1 when there is one."""
    del yes
    found = [
        fault for one in told for fault in (faults_of(one, _vocabulary()) if isinstance(one, Path) else _faults(one, draft_id))
    ]
    drafts.say_faults(found, as_json)


def _faults(kind: str, draft_id: int | None) -> list[dict[str, Any]]:
    """What stands against a draft of a kind; one without any fault may be previewed from here on."""
    with opened() as office:
        return drafts.unproven(office, office.database.read(lambda store: drafts.draft_at(store, kind, draft_id))["id"])


def _vocabulary() -> Vocabulary:
    return vocabulary(read_shipped("vocabulary.yaml").data)


@command.command("words")
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text")
@common
def words(form: str, yes: bool, as_json: bool) -> None:
    """List every name that a definition may use: effects, guards, rung actions, messages, letters, roles and the rest."""
    del yes
    found = words_of(read_shipped("vocabulary.yaml").data, _vocabulary())
    told = {group: [asdict(word) for word in listed] for group, listed in found.items()}
    say(told, as_json, lambda _told: as_markdown(found) if form == "markdown" else as_text(found))


@command.command("draw")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["svg", "mermaid"]), default="svg")
@click.option("--language", type=click.Choice(["zh-Hans", "zh-Hant", "en"]), default="zh-Hans")
@common
def draw(file: Path, form: str, language: str, yes: bool, as_json: bool) -> None:
    """Draw a definition as SVG or Mermaid text."""
    del yes
    definition = load_definition(read_document(file).data)
    drawing = svg(definition, language) if form == "svg" else mermaid(definition, language)
    say({"kind": definition.key, "format": form, "drawing": drawing}, as_json, lambda told: str(told["drawing"]))


@command.command("list")
@common
def list_versions(yes: bool, as_json: bool) -> None:
    """List every version of every kind."""
    del yes
    with opened() as office:
        rows = office.database.read(lambda store: store.rows(definitions.VERSIONS))
    say(rows, as_json, lambda told: "\n".join(f"{r['kind']}\t{r['number']}\t{r['status']}\t{r['digest'][:12]}" for r in told))


@command.command("export")
@click.argument("kind")
@click.option("--version", "number", type=int, help="Which version; without it, the current one.")
@click.option("--draft", "draft_id", type=int, help="Not a version: this draft, as it stands.")
@common
def export(kind: str, number: int | None, draft_id: int | None, yes: bool, as_json: bool) -> None:
    """Print a version of a kind, or a draft, as it was written."""
    del yes

    def read(store: Any) -> str | None:
        if draft_id is not None:
            return str(drafts.draft_at(store, kind, draft_id)["source"])
        if number is None:
            return definitions.source_of(store, kind)
        text = version_of(store, kind, number)[1]
        return str(text["source"] or text["canonical"])

    with opened() as office:
        text = office.database.read(read)
    if text is None:
        raise BadInput(why="unknown_kind", kind=kind)
    say({"kind": kind, "text": text}, as_json, lambda told: str(told["text"]).removesuffix("\n"))
