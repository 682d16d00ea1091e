"""Whether an original is sealed follows the strictest version of a kind, and the strictest of the cases that it proves."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from states.schema import canonical_text
from tests.factories import County, at
from web.wiring import shipped_workflows
from workflow import definitions, dossier, occasions, originals
from workflow.models import DefinitionText, StoredFile
from workflow.originals import Claim, claim_of
from workflow.store import Store, table_of
from workflow.text import digest

NOON = at(date(2026, 3, 26), 12)
SEALED, KEPT, FREE = Claim(True, True), Claim(False, True), Claim(True, False)


def open_clue(county: County, by: str = "lin") -> int:
    facts = {"summary": "虚报补助", "managed_by": "village"}
    told = {"title": "虚报补助", "subject_id": county.organs["xitou_branch"], "data": facts}
    return county.engine.open("clue", actor=county.actor(by), now=NOON, **told).case_id


def put(county: County, *cases: int, name: str = "检举材料") -> int:
    """The same file on each of these cases."""
    file_id = county.keep_file(name, "lin")
    for case_id in cases:
        county.engine.add_evidence(case_id, actor=county.actor("lin"), now=NOON, file_id=file_id)
    return file_id


def claim(county: County, login: str, file_id: int) -> Claim:
    row = county.database.read(lambda store: store.select(table_of(StoredFile).select().where(_file.c.id == file_id))[0])
    return county.engine.read(NOON, lambda store, it: claim_of(store, it, county.actor(login), row))


_file = table_of(StoredFile)


def publish_another(county: County, kind: str, change: Callable[[dict[str, Any]], None]) -> None:
    made = deepcopy(shipped_workflows()[kind].data)
    change(made)
    canonical = canonical_text(made)

    def work(store: Store) -> None:
        store.insert(DefinitionText, [{"digest": digest(canonical), "canonical": canonical, "source": ""}])
        definitions.add_version(store, kind, digest(canonical), now=NOON)
        occasions.moved(store, "definitions")

    county.database.write(work)


def seal_reporter(document: dict[str, Any]) -> None:
    title = {"zh-Hans": "反映人", "zh-Hant": "反映人", "en": "Reporter"}
    document["fields"].append(
        {"key": "reporter", "title": title, "secret": True, "write": ["registrar"], "opens": ["registrar"]}
    )


def seal_nothing(document: dict[str, Any]) -> None:
    for field in document["fields"]:
        field.pop("opens", None)


def test_a_later_version_that_seals_facts_seals_the_originals_of_older_cases(county: County) -> None:
    file_id = put(county, county.supervised_item(NOON))
    assert [claim(county, login, file_id) for login in ("lin", "song", "chen")] == [FREE, FREE, Claim(False, False)]
    publish_another(county, "rectification", seal_reporter)
    assert [claim(county, login, file_id) for login in ("lin", "song", "chen", "zhou")] == [SEALED, KEPT, KEPT, KEPT]


def test_a_later_version_that_seals_nothing_frees_no_original(county: County) -> None:
    case_id = open_clue(county)
    file_id = put(county, case_id)
    publish_another(county, "clue", seal_nothing)
    assert [claim(county, login, file_id) for login in ("lin", "song")] == [SEALED, KEPT]


def test_a_file_of_two_cases_that_seal_facts_is_for_who_may_open_those_of_both(county: County) -> None:
    one, other = open_clue(county), open_clue(county, "song")
    of_one, of_both = put(county, one), put(county, one, other, name="又一份")
    assert claim(county, "lin", of_one) == SEALED
    assert [claim(county, login, of_both) for login in ("lin", "song")] == [KEPT, KEPT]


def test_a_dossier_looks_once_at_the_case_that_its_files_prove(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    item = county.supervised_item(NOON)
    ids = [put(county, item, name=f"现场照片{n}") for n in range(3)]
    looked, see = [], originals.see
    monkeypatch.setattr(originals, "see", lambda *told: looked.append(told[-1]) or see(*told))

    def read(store: Store, occasion: Any) -> tuple[list[str], list[str]]:
        return dossier._originals(see(store, occasion, county.actor("zhao"), item), False)

    given, left_out = county.engine.read(NOON, read)
    assert (len(given), left_out, looked) == (len(ids), [], [item])
