"""Traditional Chinese for the words of pages and definitions, by OpenCC and the office's own exceptions (practice.md §10).

Only our own words are converted. Names of people and places never are: 后, 范, 于, 里 and 云 are surnames.
"""

from __future__ import annotations

from functools import cache

from opencc import OpenCC

# What OpenCC writes otherwise, or might after an update; longest first, so that 重新发布 is found before 发布.
EXCEPTIONS: dict[str, str] = {
    "台账": "臺賬",
    "签收": "簽收",
    "签批": "簽批",
    "约谈": "約談",
    "反馈": "反饋",
    "复核": "覆核",
    "回复": "回覆",
    "答复": "答覆",
    "发布": "發布",
    "公布": "公布",
    "制度": "制度",
    "批准": "批准",
    "准予": "准予",
    "了结": "了結",
    "核准": "核准",
    "核验": "核驗",
    "核实": "核實",
    "核对": "核對",
    "核销": "核銷",
    "审核": "審核",
    "里程": "里程",
    "群众": "群眾",
    "关联": "關聯",
    "登录": "登錄",
    "系统": "系統",
    "周一": "周一",
}
# Forms of single characters that the office does not write.
VARIANTS = str.maketrans({"爲": "為", "羣": "群", "衆": "眾", "啓": "啟", "裏": "裡", "覈": "核", "喫": "吃"})


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


def to_traditional(text: str) -> str:
    """The text in traditional characters. Exceptions are kept whole, so OpenCC sees only what lies between them."""
    word = next((word for word in _longest_first() if word in text), None)
    if word is None:
        return str(_converter().convert(text)).translate(VARIANTS) if text else text
    before, _, after = text.partition(word)
    return to_traditional(before) + EXCEPTIONS[word] + to_traditional(after)


@cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted(EXCEPTIONS, key=len, reverse=True))
