"""Texts and files that somebody hostile would hand in as a definition, for every door at which one comes in."""

from __future__ import annotations

from collections.abc import Mapping

LAUGHS = "lol: &a0 [lol, lol, lol]\n" + "".join(f"lol{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))

# No part of these is kept, whatever else is in them.
TEXTS: Mapping[str, str] = {
    "a billion laughs": LAUGHS,
    "a merged alias": "{a: &a {b: 1}, <<: *a}",
    "an alias of nothing": "key: visit\nstates: *states\n",
    "a tag that calls": "key: !!python/object/apply:os.system ['true']\n",
    "a tag that imports": "key: !!python/name:os.system\n",
    "a tag of bytes": "key: !!binary aGk=\n",
    "a tag of its own": "key: !visit visit\n",
    "two documents": "key: visit\n---\nkey: other\n",
    "lists in lists": "key: " + "[" * 25 + "]" * 25,
    "mappings in mappings": "{a: " * 100_000,
    "blocks in blocks": "".join(" " * depth + "a:\n" for depth in range(1_000)),
    "a scalar of two mebibytes": "key: visit\ntitle: " + "a" * 2_000_000,
    "ten mebibytes": "key: visit\n" + "# 督办\n" * 1_200_000,
    "a key that is a list": "? [a, b]\n: c\n",
    "a bell": 'key: visit\ntitle: "\\a"\n',
    "an escaped zero": 'key: visit\ntitle: "a\\0b"\n',
    "an escape sequence of a terminal": 'key: visit\ntitle: "\\e[31m"\n',
    "a name read backwards": "key: visit\ntitle: \u202e办督\n",
    "a key with a zero": 'key: visit\n"a\\0": 1\n',
}
# These are kept in the box, where somebody may have been interrupted, and begin no draft as a file.
UNREADABLE: Mapping[str, str] = {
    "the same key twice": "key: visit\nkey: other\n",
    "an escaped half of a letter": 'key: visit\ntitle: "\\ud800"\n',
    "lists without end": "[" * 200_000,
    "one word": "visit",
    "a list": "- key: visit\n",
    "a number of a hundred thousand digits": "9" * 100_000,
    "nothing": "\n\n",
}
FILES: Mapping[str, bytes] = {
    "bytes of no encoding": b"key: visit\ntitle: \xff\xfe\xfa\n",
    "a zero byte": b"key: visit\ntitle: a\x00b\n",
    "zeros": bytes(1_000),
    "a bell": b"key: visit\ntitle: a\x07b\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "two mebibytes in letters of three bytes": ("title: " + "长" * 700_000).encode(),
}
# Of a definition that has no fault, a part and what somebody hostile would write there: it is text, and never looked up.
HARMLESS_WORDS = (
    ("do: turn_red", "do: os.system"),
    ("do: turn_red", "do: eval"),
    ("do: turn_red", "do: __import__"),
    ("limit: 30 day", "limit: 9**9**9 day"),
    ("limit: 30 day", "limit: 1e400 day"),
    ("limit: 30 day", f"limit: 1{'0' * 30} month"),
    ("limit: 30 day", "limit: 10000 month"),
    ("key: begun, title", "key: __class__, title"),
    ("key: begun, title", "key: begun.__class__, title"),
    ("from: [begun]", "from: [begun.__class__.__mro__]"),
    ("from: [begun]", 'from: ["{begun.__init__.__globals__}"]'),
    ("main: true\n    grounds", "guards: [__import__]\n    grounds"),
    ("main: true\n    grounds", "effects: [os.system]\n    grounds"),
    ("main: true\n    grounds", "effects: [{open_child: {__class__: x}}]\n    grounds"),
)
