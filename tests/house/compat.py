"""What a Chromium of a given age lacks, from MDN's table of when each feature came: read from style sheets, scripts and templates.

The table (`@mdn/browser-compat-data`) is a build-time package of the pages' assets. Names are compared, not meanings: what
hides behind an old name (a new option of an old method) is found by the browser itself (tests/drills/test_oldest_browser.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from typing import Any

from tests.house.source import ROOT

TABLE = ROOT / "web/assets/node_modules/@mdn/browser-compat-data/data.json"

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_TEXT = re.compile(r"""url\([^)]*\)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_DECLARED = re.compile(r"(?<=[{;])\s*(-?[a-z][a-z-]*)\s*:([^;{}]*)(?=[;}])")
_HEAD = re.compile(r"([^;{}]+)\{")
_WORD = re.compile(r"[a-z][a-z-]*")
_CALLED = re.compile(r"([a-z][a-z-]*)\(")
_PSEUDO = re.compile(r"(?<![\w)])?::?([a-z][a-z-]*)")
_MEMBER = re.compile(r"\.\s*([A-Za-z_$][\w$]*)")
_GLOBAL = re.compile(r"(?<![\w$.])([A-Z][\w$]*)(?=[.(])")
_HEARD = re.compile(r"""addEventListener\(\s*["'](\w+)""")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)


class Table:
    """Where in the table each kind of name stands; `names` and `members` (of any interface) hold first versions already."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        css, html = told["css"], told["html"]
        self.properties, self.selectors, self.at_rules = css["properties"], css["selectors"], css["at-rules"]
        self.functions = _earliest(css["types"])
        self.attributes, self.elements = html["global_attributes"], html["elements"]
        builtins = told["javascript"]["builtins"]
        interfaces = _parts({**told["api"], **builtins})
        self.names = {name: came for name, one in interfaces.items() if (came := _came(one)) is not None}
        self.members: dict[str, int] = {}
        for one in (*interfaces.values(), *_parts(builtins["Intl"]).values()):
            for name, member in _parts(one).items():
                if (came := _came(member)) is not None:
                    name = name.removesuffix("_static")
                    self.members[name] = min(came, self.members.get(name, came))


@cache
def table() -> Table:
    """The whole table, read once."""
    return Table(json.loads(TABLE.read_text("utf-8")))


def _parts(node: Mapping[str, Any]) -> dict[str, Any]:
    """What the node holds, without what is said of itself."""
    return {name: one for name, one in node.items() if not name.startswith("__")}


def _came(node: Mapping[str, Any]) -> int | None:
    """The first version that has the feature without a flag; `None` if none has, or the table does not know it."""
    support = node.get("__compat", {"support": {}})["support"].get("chrome", [])
    entries = support if isinstance(support, list) else [support]
    versions = (str(one["version_added"]) for one in entries if not one.get("flags"))
    return min((int(found[0]) for one in versions if (found := re.findall(r"\d+", one))), default=None)


def _earliest(node: Mapping[str, Any]) -> dict[str, int]:
    """Name → the first version of whatever bears it, at any depth."""
    found: dict[str, int] = {}
    for name, one in _parts(node).items():
        pairs = [(name, came)] if (came := _came(one)) is not None else []
        for key, version in (*pairs, *_earliest(one).items()):
            found[key] = min(version, found.get(key, version))
    return found


def lacks_of_styles(text: str, oldest: int) -> dict[str, int]:
    """What of a style sheet came after Chromium `oldest`, and when."""
    bare = _TEXT.sub("''", _COMMENT.sub("", text))
    return _newer((*_declared(bare), *_heads(bare)), oldest)


def _declared(text: str) -> Iterator[tuple[str, int | None]]:
    for name, value in _DECLARED.findall(text):
        known = table().properties.get(name, {})
        yield f"property {name}", _came(known)
        for word in _WORD.findall(value):
            if word in known:
                yield f"{name}: {word}", _came(known[word])
        for word in _CALLED.findall(value):
            yield f"function {word}", table().functions.get(word)


def _heads(text: str) -> Iterator[tuple[str, int | None]]:
    for head in _HEAD.findall(text):
        head = head.strip()
        rule = re.match(r"@([a-z-]+)", head)
        if rule:
            known = table().at_rules.get(rule[1], {})
            yield f"@{rule[1]}", _came(known)
            for feature in re.findall(r"\(\s*([a-z-]+)", head):
                if feature in known:
                    yield f"@{rule[1]} {feature}", _came(known[feature])
            if re.search(r"\([^)]*[<>]", head):
                yield "range in @media", _came(table().at_rules["media"]["range_syntax"])
            continue
        if "&" in head:
            yield "selector &", _came(table().selectors["nesting"])
        for pseudo in _PSEUDO.findall(head):
            if pseudo in table().selectors:
                yield f"selector :{pseudo}", _came(table().selectors[pseudo])


def lacks_of_scripts(text: str, oldest: int) -> dict[str, int]:
    """What of a script came after; the name of a member is looked up whatever it is a member of."""
    told = table()
    names = [(f".{name}", told.members.get(name)) for name in _MEMBER.findall(text)]
    names += [(name, told.names.get(name)) for name in _GLOBAL.findall(text)]
    names += [(f"event {name}", told.members.get(f"{name}_event")) for name in _HEARD.findall(text)]
    return _newer(names, oldest)


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = table().elements.get(tag, {})
        self.found.append((f"<{tag}>", _came(element)))
        for name, value in attrs:
            known = element.get(name) or table().attributes.get(name) or {}
            self.found.append((f"<{tag} {name}>", _came(known)))
            if name == "type" and tag == "input":
                self.found.append((f"<input type={value}>", _came(element.get(f"type_{value}", {}))))


def lacks_of_markup(text: str, oldest: int) -> dict[str, int]:
    """What of a template came after: elements and their attributes."""
    parser = _Attributes()
    parser.feed(_JINJA.sub("", text))
    return _newer(parser.found, oldest)


def _newer(found: Iterable[tuple[str, int | None]], oldest: int) -> dict[str, int]:
    return {what: came for what, came in found if came is not None and came > oldest}
