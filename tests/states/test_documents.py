"""config/documents.py: YAML as plain data with lines, and nothing that YAML could smuggle in."""

from __future__ import annotations

import pytest

from config.documents import MAX_BYTES, Document, DocumentFault, parse


def read(text: str) -> Document:
    return parse(text, name="t.yaml")


def test_plain_scalars_are_what_they_look_like() -> None:
    text = "a: on\nb: yes\nc: 2026-05-01\nd: 1:30\ne: 012\nf: 3\ng: -4\nh: 1.5\ni: true\nj: false\nk: ~\nl:\nm: '3'\nn: null\n"
    assert read(text).data == {
        "a": "on",
        "b": "yes",
        "c": "2026-05-01",
        "d": "1:30",
        "e": "012",
        "f": 3,
        "g": -4,
        "h": 1.5,
        "i": True,
        "j": False,
        "k": None,
        "l": None,
        "m": "3",
        "n": None,
    }


def test_a_key_is_always_text() -> None:
    assert read("on: open\n1: one\n").data == {"on": "open", "1": "one"}


def test_every_part_has_its_line() -> None:
    document = read("a:\n  - b: 1\n    c/d: 2\n  - [x,\n     y]\n")
    assert document.lines == {"": 1, "/a": 1, "/a/0": 2, "/a/0/b": 2, "/a/0/c~1d": 3, "/a/1": 4, "/a/1/0": 4, "/a/1/1": 5}
    assert document.line_of("/a/0/missing/deeper") == 2
    assert document.line_of("/nowhere") == 1


def test_a_block_text_keeps_its_lines() -> None:
    assert read("a: |\n  one\n  two\n").data == {"a": "one\ntwo\n"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: &x 2\n", "anchor", 2),
        ("a: &x\n  b: 1\n", "anchor", 1),
        ("b: *x\n", "alias", 1),
        ("a: !!python/object:os.system x\n", "tag", 1),
        ("a: !own 1\n", "tag", 1),
        ("a: 1\na: 2\n", "duplicate_key", 2),
        ("? [a]\n: 1\n", "key_not_plain", 1),
        ('a: 1\nb: "x\\0"\n', "unseen", 2),
        ('"a\\e": 1\n', "unseen", 1),
        ("a: x\u202ey\n", "unseen", 1),
        ("a: 1\n---\nb: 2\n", "several_documents", 2),
        ("", "empty", 1),
        ("# nothing\n", "empty", 1),
        ("a: [1\nb: 2", "not_yaml", 2),
        ("a: 1\n b: 2\n", "not_yaml", 2),
        ("a: \x00\n", "not_yaml", 1),
        ("\n" + "[" * 21 + "]" * 21, "too_deep", 2),
    ],
)
def test_what_is_more_than_plain_is_refused_with_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(DocumentFault) as refused:
        read(text)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert str(refused.value).startswith(f"t.yaml:{line}: {code}")


def test_twenty_levels_are_read() -> None:
    assert read("[" * 20 + "]" * 20).data


def test_a_text_of_more_than_a_mebibyte_is_refused_unread() -> None:
    with pytest.raises(DocumentFault, match="too_large"):
        read("a: " + "字" * (MAX_BYTES // 3 + 1))


def test_a_lone_surrogate_is_no_yaml() -> None:
    with pytest.raises(DocumentFault, match="not_yaml"):
        read("a: \ud800\n")


def test_a_billion_laughs_stay_one() -> None:
    with pytest.raises(DocumentFault, match="anchor"):
        read("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
