"""duban workflow: check, draw, list and publish definitions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from states.draw import mermaid, svg
from states.errors import BadInput
from states.schema import load as load_definition
from states.vocabulary import Vocabulary
from web.author_words import as_markdown, as_text, words_of
from web.cli import FOUND_FAULTS, stop
from web.commands.office import common, confirmed, opened, say, writing
from web.text_files import faults_of, line_of, read_document
from web.wiring import read_shipped, vocabulary
from workflow import definitions, occasions


@click.group("workflow")
def command() -> None:
    """Check, draw, list and publish workflow definitions."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def check(files: tuple[Path, ...], yes: bool, as_json: bool) -> None:
    """Prove definitions; print every fault with its line, and exit 1 when there is one."""
    del yes
    told = [fault for file in files for fault in faults_of(file, _vocabulary())]
    _say_faults(told, as_json)


def _vocabulary() -> Vocabulary:
    return vocabulary(read_shipped("vocabulary.yaml").data)


def _say_faults(found: list[dict[str, Any]], as_json: bool) -> None:
    """Every fault on a line; ends the command with 1 where there is one."""
    say(found, as_json, lambda faults: "\n".join(line_of(fault) for fault in faults) or "没有问题")
    if found:
        stop(FOUND_FAULTS)


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


@command.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def publish(file: Path, yes: bool, as_json: bool) -> None:
    """Publish a kind that has no cases yet."""
    if faults := faults_of(file, _vocabulary()):
        _say_faults(faults, as_json)
    document = read_document(file)
    confirmed(yes, f"发布 {document.data['key']}？")
    now = datetime.now(UTC)
    with opened() as office:

        def work(store: Any) -> int:
            number = definitions.publish(store, document.data, source=document.text, now=now)
            occasions.moved(store, "definitions")
            return number

        number = writing(office, lambda: office.database.write(work))
    say({"kind": document.data["key"], "version": number}, as_json, lambda told: f"已发布 {told['kind']} 第{told['version']}版")


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
@common
def export(kind: str, yes: bool, as_json: bool) -> None:
    """Print the current version of a kind as it was written."""
    del yes
    with opened() as office:
        text = office.database.read(lambda store: definitions.source_of(store, kind))
    if text is None:
        raise BadInput(why="unknown_kind", kind=kind)
    say({"kind": kind, "text": text}, as_json, lambda told: str(told["text"]).removesuffix("\n"))
