"""The words around retention: what keeps a case, what becomes of one, how a disposal stands."""

from __future__ import annotations

from collections.abc import Mapping

from web.current import office
from web.language import current_language, mark

# Why a case is kept: what stands against proposing it, and what came between in a run.
HOLDS: Mapping[str, str] = {
    "held": mark("已留存备查"),
    "child": mark("下面还有没办结的事项"),
    "parent": mark("上级事项还没办结"),
    "linked": mark("关联的事项还没办结"),
    "talk": mark("约谈还没办结"),
    "asked": mark("有申请还没答复"),
    "recusal": mark("有回避提示还没处理"),
    "proposed": mark("已经提请销毁"),
    "handled": mark("由办过的人提请或决定"),
    "not_due": mark("没有办结，或者保管期限未满"),
    "refused": mark("没有同意"),
    "failed": mark("没有销毁成，原因记在日志里"),
}
STATUSES: Mapping[str, str] = {
    "waiting": mark("等另一人决定"),
    "running": mark("正在销毁"),
    "done": mark("已销毁"),
    "refused": mark("没有同意"),
}
LINES: Mapping[str, str] = {"waiting": mark("还没销毁"), "done": mark("已销毁"), "kept": mark("保留")}
WHY_NOT: Mapping[str, str] = {
    "own": mark("这是你提请的，须由另一人决定。"),
    "role": mark("由主办机关的负责人决定。"),
    "handled": mark("你办过其中的事项，须由没有办过的人决定。"),
}


def class_title(key: str) -> str:
    """What a class is called, as the county has it."""
    title = office().titles["retentions"].get(key, {}).get("title", {})
    return str(title.get(current_language()) or key)
