"""Files that people write by hand: read in the encodings that offices use, and a definition with every fault at its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.documents import Document, DocumentFault, parse
from handlers.ledgers.plain_text import decode
from handlers.ledgers.refusals import LedgerFileRefused
from states.checks import prove, sentence
from states.definition import Language
from states.errors import BadInput, DefinitionError
from states.faults import Fault
from states.vocabulary import Vocabulary
from web.file_words import DOCUMENT_WHY
from web.language import translate
from web.script import to_traditional

_PLAIN_CONTROLS = frozenset("\n\r\t")


def read_text(path: Path) -> str:
    """The text of a file: UTF-8, UTF-16 or GB 18030 (what 记事本 writes). BadInput text_file_encoding where it is none."""
    try:
        text = decode(path.read_bytes())
    except LedgerFileRefused as refusal:
        raise BadInput(why="text_file_encoding", file=path.name) from refusal
    if any(character < " " and character not in _PLAIN_CONTROLS for character in text):
        raise BadInput(why="text_file_encoding", file=path.name)
    return text


def read_document(path: Path, language: Language = "zh-Hans") -> Document:
    """The YAML of a file; DefinitionError with the one fault of a text that is none."""
    text = read_text(path)
    try:
        return parse(text, name=path.name)
    except DocumentFault as fault:
        said = document_words(fault.code, fault.detail, language)
        told = {"file": path.name, "line": fault.line, "id": fault.code, "pointer": "", "said": said}
        raise DefinitionError(faults=[told]) from fault


def read_definition(path: Path, vocabulary: Vocabulary, language: Language = "zh-Hans") -> Document:
    """A definition that is proven and may be served; DefinitionError with every fault: {file, line, id, pointer, said}."""
    document = read_document(path, language)
    if faults := _told(document, path.name, vocabulary, language):
        raise DefinitionError(faults=faults)
    return document


def _told(document: Document, name: str, vocabulary: Vocabulary, language: Language) -> list[dict[str, Any]]:
    return [
        {
            "file": name,
            "line": document.line_of(fault.pointer),
            "id": fault.id,
            "pointer": fault.pointer,
            "said": sentence_in(fault, language),
        }
        for fault in prove(document.data, vocabulary)
    ]


def faults_in(text: str, name: str, vocabulary: Vocabulary, language: Language = "zh-Hans") -> list[dict[str, Any]]:
    """The same faults of a text that is kept here and is no file."""
    try:
        return _told(parse(text, name=name), name, vocabulary, language)
    except DocumentFault as fault:
        said = document_words(fault.code, fault.detail, language)
        return [{"file": name, "line": fault.line, "id": fault.code, "pointer": "", "said": said}]


def faults_of(path: Path, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The same faults, for who asks for nothing else."""
    try:
        read_definition(path, vocabulary)
    except DefinitionError as refusal:
        faults: list[dict[str, Any]] = refusal.params["faults"]
        return faults
    return []


def document_words(code: str, key: str, language: Language) -> str:
    """What is wrong with a text that is no YAML of ours, without its place; `key` is the one that stands twice."""
    return translate(DOCUMENT_WHY[code], language) % {"key": key}


def sentence_in(fault: Fault, language: Language) -> str:
    """The sentence of a fault in any of the three languages."""
    said = sentence(fault, language)
    return to_traditional(said) if language == "zh-Hant" else said


def line_of(fault: Mapping[str, Any]) -> str:
    """A fault as one line: file, line, id, sentence."""
    return f"{fault['file']}:{fault['line']}: {fault['id']}: {fault['said']}"
