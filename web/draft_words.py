"""Why a draft of a kind was not changed as it was asked (web/designer/). Message ids, as in `wording.py`."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

DRAFT_WHY: Mapping[str, str] = {
    "edit_nowhere": mark("这一处已经不在了，看过现在的草稿再改"),
    "edit_not_a_key": mark("标识只用小写字母、数字和下划线，以字母开头，不超过60个"),
    "edit_key_taken": mark("“%(value)s”这个标识已经用了，换一个"),
    "edit_unknown": mark("没有这种改法"),
    "draft_no_step": mark("没有可以退回的一步了"),
    "draft_hostile": mark("文本里有不能收的写法，没有保存：第%(line)s行，%(said)s"),
    "scenario_other_kind": mark("这一件是另一类事项，不能录到这份草稿里"),
    "scenario_of_nothing": mark("写上编号，或选由事项页录制的文件"),
    "scenario_beside_steps": mark(
        "这一件的状态或期限不全是登记和各步办出来的（申请过延期、暂停过、约谈另定过期限、更正过、导入的或换过版），录不成情景"
    ),
    "scenario_unfit": mark("文件里有不能带进定义的内容，没有收：%(said)s"),
    "scenario_before_mending": mark("先改好检查出来的问题，再加录制的文件"),
    "draft_of_nothing": mark("选草稿从哪里写起"),
}
