"""duban workflow: check, draw, list and publish definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from config.documents import DocumentFault, parse
from states.checks.sentences import sentence
from states.draw import mermaid, svg
from states.errors import BadInput, DefinitionError
from states.schema import load as load_definition
from web.cli import FOUND_FAULTS, stop
from web.commands.office import common, confirmed, opened, say, writing
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
    found = [fault for file in files for fault in faults_of(file)]
    say(
        found,
        as_json,
        lambda faults: "\n".join(f"{f['file']}:{f['line']}: {f['id']}: {f['said']}" for f in faults) or "没有问题",
    )
    if found:
        stop(FOUND_FAULTS)


def faults_of(file: Path) -> list[dict[str, Any]]:
    """Every fault of a file with its proof's id, its line and its sentence."""
    from states.checks import prove

    try:
        document = parse(file.read_text(encoding="utf-8"), name=file.name)
    except DocumentFault as fault:
        return [{"file": file.name, "line": fault.line, "id": fault.code, "pointer": "", "said": str(fault)}]
    faults = prove(document.data, vocabulary(read_shipped("vocabulary.yaml").data))
    return [
        {
            "file": file.name,
            "line": document.line_of(fault.pointer),
            "id": fault.id,
            "pointer": fault.pointer,
            "said": sentence(fault, "zh-Hans"),
        }
        for fault in faults
    ]


@command.command("draw")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["svg", "mermaid"]), default="svg")
@click.option("--language", type=click.Choice(["zh-Hans", "zh-Hant", "en"]), default="zh-Hans")
def draw(file: Path, form: str, language: str) -> None:
    """Draw a definition as SVG or Mermaid text."""
    definition = load_definition(parse(file.read_text(encoding="utf-8"), name=file.name).data)
    click.echo(svg(definition, language) if form == "svg" else mermaid(definition, language))


@command.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def publish(file: Path, yes: bool, as_json: bool) -> None:
    """Publish a kind that has no cases yet."""
    faults = faults_of(file)
    if faults:
        raise DefinitionError(faults=faults)
    text = file.read_text(encoding="utf-8")
    document = parse(text, name=file.name).data
    confirmed(yes, f"发布 {document['key']}？")
    now = datetime.now(UTC)
    with opened() as office:

        def work(store: Any) -> int:
            number = definitions.publish(store, document, source=text, now=now)
            occasions.moved(store, "definitions")
            return number

        number = writing(office, lambda: office.database.write(work))
    say({"kind": document["key"], "version": number}, as_json, lambda told: f"已发布 {told['kind']} 第{told['version']}版")


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
def export(kind: str) -> None:
    """Print the current version of a kind as it was written."""
    with opened() as office:
        text = office.database.read(lambda store: definitions.source_of(store, kind))
    if text is None:
        raise BadInput(why="unknown_kind", kind=kind)
    click.echo(text, nl=False)
