"""Facts of the letters that the tests write, and how a written letter is read back."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

from docx import Document
from docx.document import Document as DocumentType

from handlers.letters.facts import AgendaRow, LetterFacts
from handlers.registry import LETTERS

TOWN = "中共安澜县柳河镇委员会"
VILLAGE = "中共柳河镇东沟村支部委员会"
LATE = date(2026, 6, 26)


def facts(**said: Any) -> LetterFacts:
    """A late item of the village, written to by its township."""
    known: dict[str, Any] = {
        "row": {"number": "整改〔2026〕17号", "title": "三资管理台账不全"},
        "data": {},
        "issuer": TOWN,
        "recipient": VILLAGE,
        "issued_on": date(2026, 7, 1),
        "document_number": "柳督〔2026〕7号",
        "subject": VILLAGE,
        "holder": VILLAGE,
        "holder_short": "东沟村党支部",
        "interviewer": TOWN,
        "interviewee": VILLAGE,
        "due_on": LATE,
    }
    return LetterFacts(**{**known, **said})


def rows(items: int, clues: int) -> tuple[AgendaRow, ...]:
    """So many overdue items, and so many overdue clues that somebody put on the same agenda."""
    of_items = [AgendaRow(f"整改〔2026〕{n}号", f"问题{n}", LATE) for n in range(1, items + 1)]
    of_clues = [AgendaRow(f"线索〔2026〕{n}号", f"隐情{n}", LATE, on_agenda=False) for n in range(1, clues + 1)]
    return (*of_items, *of_clues)


def written(letter: str, of: LetterFacts) -> DocumentType:
    """The letter as Word would open it."""
    return Document(io.BytesIO(LETTERS[letter].build(of)))


def lines(letter: str, of: LetterFacts) -> list[str]:
    """The letter's paragraphs that are not blank."""
    return [paragraph.text for paragraph in written(letter, of).paragraphs if paragraph.text]


def cells(letter: str, of: LetterFacts) -> dict[str, str]:
    """label → value of a sheet."""
    found: dict[str, str] = {}
    for row in written(letter, of).tables[0].rows:
        texts = [cell.text for cell in row.cells]
        found |= {texts[0]: texts[1]} | ({texts[2]: texts[3]} if texts[1] != texts[2] or texts[2] != texts[3] else {})
    return found


def everything(letter: str, of: LetterFacts) -> str:
    """All XML of the file: body, heads, feet, properties."""
    with zipfile.ZipFile(io.BytesIO(LETTERS[letter].build(of))) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(("xml", "rels")))
