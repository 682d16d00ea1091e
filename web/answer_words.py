"""What answers are called that no definition asks for, and what is said to be missing. Message ids, as in `wording.py`."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

# What the engine's own verbs ask for, by the name of the answer; a form that labels its box otherwise says so (web/answers.py).
ANSWER_TITLES: Mapping[str, str] = {
    "title": mark("标题"),
    "subject": mark("涉及单位"),
    "old_number": mark("原编号"),
    "reason": mark("理由"),
    "wanted_on": mark("延到哪一天"),
    "proof": mark("证明材料"),
    "happened_on": mark("纸上签收的日期"),
    "new_due_on": mark("新期限"),
    "person": mark("人员"),
    "organ": mark("单位"),
    "number": mark("编号"),
    "parts": mark("分成哪几件"),
    "approver": mark("审批人"),
    "scan": mark("会议纪要扫描件"),
    "met_on": mark("会议日期"),
    "votes": mark("表决"),
    "choice": mark("你的意见"),
    "max_days": mark("最多停几天"),
    "text": mark("写一句"),
    "mention": mark("提醒谁"),
    "meant": mark("提醒谁"),
    "file": mark("文件或照片"),
    "level": mark("级别"),
    "fields": mark("要看的内容"),
    "ground": mark("办结依据"),
    "note": mark("写进展"),
    "name": mark("姓名"),
    "kin": mark("与本人关系"),
}

# What is not there, by the refusal's `what`, for whoever sits at the machine; a page never says it.
MISSING: Mapping[str, str] = {
    "person": mark("没有“%(id)s”这个账号"),
    "import": mark("没有第%(id)s次导入，用 duban import list 查看"),
    "organ": mark("没有“%(id)s”这个单位"),
    "area": mark("没有“%(id)s”这个区划，或者有几个同名的，写成“柳河镇/东沟村”的样子"),
    "open_case": mark("这个单位没有编号为“%(id)s”的在办事项"),
    "reorganisation": mark("没有第%(id)s次变更，用 duban organisation changes 查看"),
    "kind": mark("没有“%(id)s”这一类事项"),
    "draft": mark("没有第%(id)s份草稿"),
    "draft_of": mark("“%(id)s”没有草稿，先用 duban workflow draft 存一份"),
    "example": mark("没有“%(id)s”这个范例，用 duban workflow examples 查看"),
    "impact": mark("没有第%(id)s次试算"),
    "rehearsal": mark("第%(id)s份草稿没有可以重演的：这一类还没有版本，或草稿读不通"),
    "publication": mark("“%(id)s”没有等决定的发布"),
    "motion": mark("“%(id)s”没有等决定的提议"),
    "setting": mark("没有“%(id)s”这一项配置，用 duban config list 查看"),
    "run_of": mark("“%(id)s”没有要迁移的"),
}
