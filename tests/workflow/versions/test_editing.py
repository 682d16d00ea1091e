"""Edits of a document: whatever is renamed or removed, no mention is left that names nothing."""

from __future__ import annotations

from copy import deepcopy

import pytest

from states.checks import prove
from states.errors import BadInput
from states.faults import path_of
from states.schema.places import NAMED, mentions, place_at
from web.wiring import shipped_titles, shipped_workflows, vocabulary
from workflow.versions import editing

VOCABULARY = vocabulary(shipped_titles())
KINDS = {kind: document.data for kind, document in shipped_workflows().items()}
kinds = pytest.mark.parametrize("kind", KINDS)
# Ladders that are chosen by length are known by these names.
BY_LENGTH = {"long", "medium", "short"}


@kinds
@pytest.mark.parametrize("what", NAMED)
def test_what_is_renamed_is_called_so_wherever_it_is_named(kind: str, what: str) -> None:
    document, changed = KINDS[kind], KINDS[kind]
    for number, key in enumerate(editing.keys_of(document, what)):
        changed = changed if key in BY_LENGTH else editing.rename(changed, what, key, f"other_{number}")
    assert prove(changed, VOCABULARY) == ()
    assert document == shipped_workflows()[kind].data


@kinds
@pytest.mark.parametrize("what", NAMED)
def test_what_is_removed_is_named_nowhere(kind: str, what: str) -> None:
    document = KINDS[kind]
    listed, name = NAMED[what]
    for number, thing in enumerate(document.get(listed, [])[:6]):
        changed = editing.remove(document, (listed, number))
        named = {key for _, kind_of, key in mentions(changed) if kind_of == what}
        assert thing[name] not in named or thing[name] in editing.keys_of(changed, what)


def test_a_name_is_refused_that_is_no_key_or_taken() -> None:
    document = KINDS["measure"]
    first, second = editing.keys_of(document, "state")[:2]
    for new, why in (("Über", "edit_not_a_key"), ("", "edit_not_a_key"), (second, "edit_key_taken")):
        with pytest.raises(BadInput) as refused:
            editing.rename(document, "state", first, new)
        assert refused.value.params["why"] == why
    assert editing.rename(document, "state", first, first) == document


@pytest.mark.parametrize("pointer", ["/states/99", "/nothing/0", "/title/0", "/states/0/key/deep"])
def test_what_is_not_there_is_refused_and_nothing_changes(pointer: str) -> None:
    document = deepcopy(KINDS["measure"])
    path = path_of(pointer)
    for edit in (lambda: editing.remove(document, path), lambda: editing.move(document, path, 1)):
        with pytest.raises(BadInput):
            edit()
    assert document == KINDS["measure"]


def test_an_entry_moves_within_its_list_and_no_further() -> None:
    document = {"states": [{"key": "a"}, {"key": "b"}]}
    moved = editing.move(document, ("states", 1), -1)
    assert [one["key"] for one in moved["states"]] == ["b", "a"]
    assert editing.move(moved, ("states", 0), -1) == moved
    assert editing.move(document, ("states", 1), 1) == document


def test_every_place_of_a_shipped_kind_is_known() -> None:
    def walk(value: object, path: tuple[str | int, ...]) -> None:
        place = place_at(path)
        if isinstance(value, dict) and place is not None and place.made is not None:
            for key, inner in value.items():
                assert place_at((*path, key)) is not None, (*path, key)
                walk(inner, (*path, key))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, (*path, index))

    for document in KINDS.values():
        walk(document, ())
    assert place_at(("states", 0, "nothing")) is None
