"""Which body a unit's name in a ledger means, as far as the name and its own row say: 村党支部 is that of the row's village.

The name is compared in simplified characters, without blanks and quotation marks. The row's village and township come first; a
place that the name says wins over them. What is no body of a village or a township is left to whoever knows the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from workflow.search import normalise

# `unit` is another unit of a township, `nameless` a body whose place neither the name nor the row says.
Kind = Literal["village", "party", "discipline", "government", "unit", "other", "nameless"]

_QUOTES = str.maketrans("", "", "\"'“”‘’「」『』《》")
_PARTY = r"(?:党委|党工委|工委|工作委员会|委员会|党总支部?|总支部?|党支部|支部|党组织)(?:会|委员会|班子)?"
_VILLAGE_BODY = rf"{_PARTY}|支?委会|支?两委(?:会|班子|成员)?|(?:村|居)?委会|(?:村|居)?民委员会|"
_VILLAGE = re.compile(rf"(?P<place>.{{0,12}}?(?:(?<!农)(?<!度假)村|社区|嘎查))(?:{_VILLAGE_BODY})")
_TOWNSHIP = re.compile(r"(?P<place>.{0,8}?(?:镇|乡|街道|办事处|苏木))(?P<body>.*)")
_COMMITTEE = re.compile(r"(?:(?:党委|党工委|工委|工作委员会|委员会)会?(?:班子)?)?")
_DISCIPLINE = re.compile(r"纪委|纪工委|纪检委|纪检监察(?:室|组|机构)|纪律检查(?:工作)?委员会|监察(?:室|办公室|组)")
_GOVERNMENT = re.compile(r"(?:党委)?(?:人民)?政府|办事处")
# A body whose place is left out altogether.
_OF_A_VILLAGE = re.compile(r"(?:党总支|党支部|总支|支部)部?(?:委员会)?|支?两委(?:班子)?|支委会|党组织")
# Words that begin a name and end like a township: 乡村振兴局, 城镇管理局, 乡镇企业局 are of the county.
_NO_TOWNSHIP = re.compile(r"乡村|乡镇|城镇|城乡|村镇|.*[县市区]")
_OWN = re.compile(r"^(?:本|该|所在|所属)(?=[村社镇乡街])")
_UNNAMED_PLACES = frozenset(("村", "社区", "嘎查", "镇", "乡", "街道", "办事处", "苏木"))
_STEM = re.compile(r"(?:行政村|村|社区)$")


@dataclass(frozen=True, slots=True)
class Home:
    """Where the row that names the unit stands; "" for what neither the row nor the tree says."""

    county: str = ""
    township: str = ""
    village: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means. `name` is the unit's own name in full, where it is no body of a village or a township."""

    kind: Kind
    township: str = ""
    village: str = ""
    name: str = ""


def read_unit(name: str, home: Home, townships: Iterable[str] = ()) -> Meaning:
    """The body that the name means in a row of `home`; `townships` are the names that are known to be townships."""
    typed = "".join(name.split()).translate(_QUOTES)
    plain = _OWN.sub("", _without_county(normalise(typed), home))
    known = sorted({home.township, *townships} - {""}, key=len, reverse=True)
    township = next((one for one in known if plain.startswith(normalise(one))), "")
    found = (
        _as_village(plain.removeprefix(normalise(township)), township, home)
        or _as_body(plain, home)
        or _as_unit(typed, plain, township, home)
        or _as_bare(plain, home)
        or Meaning("other", name=name)
    )
    return replace(found, township=_as_typed(found.township, typed), village=_as_typed(found.village, typed))


def _without_county(plain: str, home: Home) -> str:
    shorter = plain.removeprefix("中共")
    county = normalise(home.county)
    # 县纪委 is not 县 + 纪委: only a county that is named is left out.
    return shorter.removeprefix(county) if county and shorter != county else shorter


def _as_typed(part: str, typed: str) -> str:
    """Names are compared in simplified characters and kept as they were typed."""
    at = normalise(typed).find(part)
    return typed[at : at + len(part)] if part and at >= 0 and len(normalise(typed)) == len(typed) else part


def _as_village(plain: str, township: str, home: Home) -> Meaning | None:
    found = _VILLAGE.fullmatch(_with_suffix(plain, home))
    if found is None:
        return None
    place = found["place"]
    if place in _UNNAMED_PLACES:
        return Meaning("village", home.township, home.village) if home.village else Meaning("nameless")
    if not township:
        township, place = _split(place)
    is_near = normalise(township) in ("", normalise(home.township))
    is_own = is_near and normalise(home.village) in (place, place.removesuffix("村"))
    return Meaning("village", township or home.township, home.village if is_own else place)


def _with_suffix(plain: str, home: Home) -> str:
    """东沟党支部 in a row of 东沟村 is 东沟村党支部."""
    village = normalise(home.village)
    stem = _STEM.sub("", village)
    if len(stem) < 2 or stem == village or plain.startswith(village) or not plain.startswith(stem):
        return plain
    return village + plain.removeprefix(stem)


def _split(place: str) -> tuple[str, str]:
    """柳河镇东沟村 is a village of a township; 古镇村 is a village."""
    found = _TOWNSHIP.fullmatch(place)
    if found is None or {found["place"], found["body"]} & _UNNAMED_PLACES or _NO_TOWNSHIP.match(place):
        return "", place
    return found["place"], found["body"]


def _as_body(plain: str, home: Home) -> Meaning | None:
    found = _TOWNSHIP.fullmatch(plain)
    if found is None or _NO_TOWNSHIP.match(plain):
        return None
    kind = _body_of(found["body"])
    if not kind:
        return None
    is_own = found["place"] in (*_UNNAMED_PLACES, normalise(home.township))
    township = home.township if is_own else found["place"]
    return Meaning(kind, township) if township else Meaning("nameless")


def _body_of(body: str) -> Literal["party", "discipline", "government", ""]:
    if _COMMITTEE.fullmatch(body):
        return "party"
    if _DISCIPLINE.fullmatch(body):
        return "discipline"
    return "government" if _GOVERNMENT.fullmatch(body) else ""


def _as_unit(typed: str, plain: str, township: str, home: Home) -> Meaning | None:
    """柳河镇财政所, and 镇财政所 in a row of 柳河镇."""
    if township:
        return Meaning("unit", township, name=typed)
    if not home.township or _NO_TOWNSHIP.match(plain) or plain[:1] not in ("镇", "乡"):
        return None
    return Meaning("unit", home.township, name=home.township + typed[-len(plain) + 1 :])


def _as_bare(plain: str, home: Home) -> Meaning | None:
    """党支部 is the village's, 党委 the township's in a row that is about the township; else nobody knows whose."""
    if _OF_A_VILLAGE.fullmatch(plain):
        return Meaning("village", home.township, home.village) if home.village else Meaning("nameless")
    kind = _body_of(plain)
    if not kind:
        return None
    return Meaning(kind, home.township) if home.township and not home.village else Meaning("nameless")
