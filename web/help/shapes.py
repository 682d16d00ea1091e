"""What a guide is made of, and what every guide says."""

from __future__ import annotations

from dataclasses import dataclass

from web.language import mark


@dataclass(frozen=True, slots=True)
class Hint:
    """One line of a tour; `target` is the id of the element that it speaks of, "" where it speaks of none."""

    words: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of work. `picture` is the name of a picture, in web/assets/public/help for each language, or ""."""

    title: str
    words: tuple[str, ...]
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """All of it for one role; `home` is the endpoint where its day begins."""

    key: str
    title: str
    home: str
    tour: tuple[Hint, ...]
    steps: tuple[Step, ...]


NEXT_STEP = Hint(mark("每行最后是下一步，点了就办；办错了，10分钟内可以撤销。"), "rows")
UNDO = Step(
    mark("办错了"),
    (
        mark(
            "办完后页面下方的提示里可以撤销：10分钟内点一下，状态、期限、消息都退回去。过了10分钟，走退回、改办或作废，经过都留着。"
        ),
    ),
)
SEARCH = Step(
    mark("找一件事"),
    (mark("上方的检索框里写编号、原编号、几个字、单位或人名，简体繁体都行。没有找到，是没有这件事，或者你不在知情范围内。"),),
)
