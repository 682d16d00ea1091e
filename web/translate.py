"""Keeps the catalogues whole: `python -m web.translate` finds every message, writes zh_Hant, and names what lacks English.

`--check` writes nothing and fails where a catalogue is behind. English is written by hand into the catalogue; what is no
longer used is dropped, so that nobody translates the dead.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.script import to_traditional

WEB = Path(__file__).resolve().parent
METHODS = [
    ("translations/**", "ignore"),
    ("assets/**", "ignore"),
    ("static/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "mark": None, "ngettext": (1, 2)}
# Characters, and the punctuation that only they stand with.
HAN = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]")
LANGUAGES = ("en", "zh_Hant")

Message = str | tuple[str, ...]


def catalogue_of(language: str, folder: Path = WEB) -> Path:
    """Where the catalogue of a language lies."""
    return folder / "translations" / language / "LC_MESSAGES" / "messages.po"


def extract(folder: Path = WEB) -> dict[Message, list[str]]:
    """Every message of the room, with the files that say it, in the order of the files."""
    found: dict[Message, list[str]] = {}
    options = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
    for name, _line, message, _comments, _context in sorted(
        extract_from_dir(folder, METHODS, options, KEYWORDS), key=lambda row: (row[0], row[1])
    ):
        if message and name not in found.setdefault(message, []):
            found[message].append(name)
    return found


def read_catalogue(path: Path, language: str) -> Catalog:
    """The catalogue as it stands; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def make_catalogue(language: str, messages: dict[Message, list[str]], known: Catalog) -> Catalog:
    """The messages with their translations: converted for zh_Hant, taken over from `known` for English."""
    # No dates and no machine in the head: the same messages make the same bytes.
    made = Catalog(
        locale=language, fuzzy=False, header_comment=f"# Duban, {language}. Kept whole by `python -m web.translate`."
    )
    for message, files in messages.items():
        made.add(message, _translation(language, message, known), locations=[(name, 0) for name in files])
    return made


def _translation(language: str, message: Message, known: Catalog) -> str | tuple[str, ...]:
    if language == "zh_Hant":
        # Chinese has one form for every number.
        return to_traditional(message) if isinstance(message, str) else (to_traditional(message[0]),)
    old = known.get(message if isinstance(message, str) else message[0])
    if old is None or not old.string:
        return "" if isinstance(message, str) else ("", "")
    return old.string if isinstance(old.string, str) else tuple(old.string)


def as_text(catalogue: Catalog) -> bytes:
    """The catalogue as a file, without line numbers, which would change with every edit above them."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, omit_header=False, include_lineno=False)
    dated = re.compile(
        rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid-Bugs-To|Language-Team|Project-Id-Version).*\n',
        re.M,
    )
    return dated.sub(b"", buffer.getvalue())


def missing_english(catalogue: Catalog) -> Iterator[str]:
    """Messages in Chinese that have no English, or whose English still has Chinese in it."""
    for message in catalogue:
        told = message.string if isinstance(message.string, list | tuple) else (message.string,)
        source = message.id if isinstance(message.id, str) else message.id[0] if message.id else ""
        if source and HAN.search(source) and any(not text or HAN.search(text) for text in told):
            yield source


def main(arguments: list[str] | None = None) -> int:
    """Writes (or checks) both catalogues. 0 when whole, 1 when behind or when English is missing."""
    parser = argparse.ArgumentParser(prog="python -m web.translate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a catalogue is behind")
    check = parser.parse_args(arguments).check
    messages = extract()
    faults: list[str] = []
    for language in LANGUAGES:
        path = catalogue_of(language)
        made = make_catalogue(language, messages, read_catalogue(path, language))
        text = as_text(made)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        elif not path.exists() or path.read_bytes() != text:
            faults.append(f"behind: {path.relative_to(WEB.parent)}")
        if language == "en":
            faults += [f"no English: {source}" for source in missing_english(made)]
    print("\n".join(faults) or f"{len(messages)} messages, whole in {len(LANGUAGES)} languages")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
