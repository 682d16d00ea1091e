"""Which organisation a name means, as far as the name itself says (semantics.md 8, "Subject").

The village in the name or its brackets, else the lowest organ named. A group of villages is flagged, not
split. This is a guess from words; the caller looks the names up in its own tree and shows what it proposes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_CITY = re.compile(r"(?:中共)?(?:[^省]{2,8}?(?:省|自治区))?((?:景德镇|.{1,2}[^镇乡村街县区]{0,6}?)市(?!场|直|中区))?")
_COUNTY = re.compile(
    r"(.{1,2}[^镇乡村街社小市]{0,7}?(?:自治县|县|(?<![社小校园])区|旗(?!村|社区|居|镇|乡|街|嘎查|苏木)|市(?!场|直)))(?!级)"
)
_TOWNSHIP = re.compile(r"((?:\D{1,8}?(?:街道|办事处)|\D{1,7}?(?:镇(?!乡)|乡(?!镇)|苏木)(?!街道|村(?!级)|社区|居)))(办事处|办)?")
_VILLAGE = re.compile(
    r"^(?!党委|党工委|党总支|党支部|党组织|纪委|纪工委|人民政府|及)"
    r"(.{1,12}?(?:行政村|村民委员会|村委会|居民委员会|居委会|(?<!农)村(?!村|社区|居|级|务|民(?!委)|干|巡|委|镇|乡)|社区|嘎查))"
)
_NOT_A_VILLAGE = re.compile(r"全覆盖|巡察|清理|工作队")
_GROUP = re.compile(r"\d+\s*(?:个|家)|[各等]\d*(?:个)?(?:村|社区|党组织)|若干")
_NAMELESS = re.compile(r"^(?:某|××|XX|xx|\*\*)+")
_BRACKETED = re.compile(r"\(([^()]*)\)")
# Brackets in one form, and the endings of places and bodies in simplified characters, so that either script is taken apart.
_PLAIN = str.maketrans("\uff08\uff09鎮鄉縣區辦處黨總組織紀員會蘇個", "()镇乡县区办处党总组织纪员会苏个")


@dataclass(frozen=True, slots=True)
class Subject:
    """A name taken apart; parts that it does not say are "". `organ` is the lowest organ named.

    `level` is village, township, county or "". `group` asks to be split into villages (待分解到村);
    `nameless` says that the village is only called 某村.
    """

    name: str
    county: str = ""
    township: str = ""
    village: str = ""
    organ: str = ""
    level: str = ""
    group: bool = False
    nameless: bool = False


@lru_cache(maxsize=8192)
def read_subject(name: str, *, township: str = "", village: str = "") -> Subject:
    """Take a name apart; `township` and `village` are what columns of their own say, and they win."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFC", name).translate(_PLAIN))
    outside = _BRACKETED.sub("", plain)
    city, county, rest = _split_county(outside)
    found_township, after = _split_township(rest)
    named = village.strip() or _find_village(after)
    if not named:
        named = next((inner for text in _BRACKETED.findall(plain) if (inner := _find_village(text))), "")
    nameless = bool(_NAMELESS.match(named))
    group = not village.strip() and bool(_GROUP.search(outside))
    chosen = "" if nameless or group else named
    own_township = township.strip() or found_township
    level = "village" if chosen else "township" if own_township else "county" if county or city or outside else ""
    return Subject(
        name=name,
        county=county or city,
        township=own_township,
        village=chosen,
        organ=chosen or _lowest(county or city, own_township, after),
        level=level,
        group=group,
        nameless=nameless,
    )


def _lowest(county: str, township: str, after: str) -> str:
    above = township or county
    return after if after.startswith(above) else above + after


def _split_county(name: str) -> tuple[str, str, str]:
    found = _CITY.match(name)
    city = (found.group(1) or "") if found else ""
    rest = name[found.end() :] if found else name
    county = _COUNTY.match(rest)
    if county:
        return city, county.group(1), rest[county.end() :]
    return city, "", rest


def _split_township(rest: str) -> tuple[str, str]:
    found = _TOWNSHIP.match(rest)
    return (found.group(1), rest[found.end() :]) if found else ("", rest)


def _find_village(text: str) -> str:
    found = _VILLAGE.match(text)
    if not found or _NOT_A_VILLAGE.search(text):
        return ""
    return found.group(1)
