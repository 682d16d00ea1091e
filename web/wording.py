"""The sentences of refusals: why a transition is not open, what is wrong with an answer. Message ids, not yet translated.

Placeholders are the parameters that the refusal carries. Names that nobody put into words fall back to a plain sentence,
and a test finds them before a reader does.
"""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

# `why` of TransitionRefused and NotPermitted, names of guards included (states/guards.py).
WHY: Mapping[str, str] = {
    "wrong_state": mark("这一项已不在这一步，刷新后再看"),
    "role": mark("你的岗位不能办这一步"),
    "relation": mark("轮不到你所在的单位"),
    "separation_registered": mark("这一项由你登记，销号须由他人办理"),
    "separation_worked": mark("你办理、核实或报告过这一项，须由他人办理"),
    "separation_handling_organ": mark("你所在的单位承办过这一项，须由其他单位办理"),
    "separation_asked": mark("这是你提出的申请，须由他人决定"),
    "is_final": mark("这一项已经办结"),
    "is_paused": mark("已暂停计时"),
    "is_not_paused": mark("没有暂停计时"),
    "is_waiting": mark("还有一个申请没有批复"),
    "already_asked": mark("已经申请过，还没有批复"),
    "no_extension": mark("这个期限不能延期"),
    "asked_too_late": mark("要延期须在到期前申请"),
    "extended_before": mark("已经延期%(times)s次，不能再延"),
    "beyond_cap": mark("超过了能延的最长时间"),
    "not_undoable": mark("这一步不能撤销"),
    "not_yours": mark("上一步不是你办的"),
    "too_late": mark("超过10分钟，不能撤销"),
    "already_told": mark("通知已经发出，不能撤销"),
    "field_fixed": mark("这一栏不能由你更正"),
    "has_evidence": mark("还差佐证材料"),
    "field_filled": mark("还没有填“%(field)s”"),
    "field_is": mark("“%(field)s”不符合这一步的要求"),
    "field_in": mark("“%(field)s”不符合这一步的要求"),
    "fired_at_least": mark("须先办“%(trigger)s”%(times)s次"),
    "fired_at_most": mark("“%(trigger)s”已满%(times)s次"),
    "has_children": mark("还没有列出下级事项"),
    "children_all": mark("还有措施没有完成"),
    "in_cycle_after": mark("只有重新挂号的事项才能这样办"),
    "approval_given": mark("还没有审批"),
    "recipient_is": mark("这一步不能交给这类单位"),
    "recipient_may_handle_subjects": mark("接收单位不能承办涉及这些人员的事项"),
    "agenda_dated": mark("议程上还有事项没有定新期限"),
    "agenda_all_closed": mark("议程上的事项还没有全部销号"),
    "any": mark("须符合其中一个条件"),
    "all": mark("须同时符合这些条件"),
}
# The same condition, where it holds and must not.
WHY_NOT: Mapping[str, str] = {
    "is_paused": mark("正在暂停计时，先恢复"),
    "is_waiting": mark("还有一个申请没有批复"),
    "field_filled": mark("“%(field)s”已经填过"),
    "has_children": mark("还有下级事项"),
    "in_cycle_after": mark("重新挂号的事项不能这样办"),
    "agenda_all_closed": mark("议程上的事项已经全部销号"),
}
# The same conditions where the reader's word for the field or the step is not at hand; a key is never shown.
BARE: Mapping[str, str] = {
    "field_filled": mark("还有一栏要填"),
    "field_is": mark("有一栏不符合这一步的要求"),
    "field_in": mark("有一栏不符合这一步的要求"),
    "fired_at_least": mark("前面还有一步没有办"),
    "fired_at_most": mark("这一步办过的次数已满"),
    "extended_before": mark("已经延期过，不能再延"),
    "unknown_field": mark("有一栏不认识"),
    "unknown_state": mark("有一步不认识"),
}
UNKNOWN_WHY = mark("还有一个条件没有满足")

# `why` of BadInput and Conflict, and of ledger files that cannot be read.
INPUT_WHY: Mapping[str, str] = {
    "same_case": mark("不能和自己并案或关联"),
    "other_kind": mark("两项不是同一类，不能并案"),
    "not_imported": mark("只有导入的事项才能撤回"),
    "bad_link": mark("这两项不能这样关联"),
    "no_such_holder": mark("没有可以接手的单位"),
    "not_of_holder": mark("这个人不在承办单位"),
    "unknown_field": mark("没有“%(field)s”这一栏"),
    "unknown_state": mark("流程里没有“%(state)s”这一步"),
    "no_such_state": mark("流程里没有这一步"),
    "title_empty": mark("写明问题"),
    "kind_has_cases": mark("这一类已有事项，改流程要先写草稿再送审"),
    "empty": mark("文件是空的"),
    "file_too_large": mark("文件太大"),
    "save_as_xlsx": mark("另存为新版表格后再导入"),
    "wrong_type": mark("这不是表格文件"),
    "encrypted": mark("文件有密码，去掉密码后再导入"),
    "damaged": mark("文件已损坏，打不开"),
    "zip_bomb": mark("文件展开后过大，没有读取"),
    "zip_dishonest": mark("文件内部标明的大小不实，没有读取"),
    "xml_with_entities": mark("文件里有不安全的内容，没有读取"),
    "xml_encoding": mark("文件的文字编码不能识别"),
    "too_many_sheets": mark("工作表太多"),
    "too_many_rows": mark("行数太多，分几次导入"),
    "too_many_columns": mark("列数太多"),
    "too_many_cells": mark("单元格太多，分几次导入"),
    "cell_too_long": mark("有单元格的文字太长"),
    "text_encoding": mark("文字编码不能识别，另存为表格后再导入"),
    "no_table": mark("没有找到表头"),
    "reader_limits": mark("读取这个文件用的时间或内存太多，已停下"),
}

# Codes of a form's answers (states/questions.py and the verbs).
FAULTS: Mapping[str, str] = {
    "required": mark("这一栏要填"),
    "not_text": mark("要写成文字"),
    "not_a_choice": mark("从列出的里面选"),
    "twice": mark("同一个选了两次"),
    "not_a_date": mark("写成日期，如2026年11月25日"),
    "too_late": mark("日期太晚"),
    "too_early": mark("日期要在今天以后"),
    "not_later": mark("新期限要晚于原期限"),
    "beyond_cap": mark("超过了能定的最晚日期"),
    "not_a_whole_number": mark("写成数字"),
    "too_large": mark("数字太大"),
    "negative": mark("金额不能小于零"),
    "not_a_flag": mark("选是或否"),
    "no_such_organ": mark("没有这个单位"),
    "wrong_kind": mark("这一步不能交给这类单位"),
    "is_subject": mark("不能交给涉及单位或它的下级"),
    "no_such_person": mark("没有这个人"),
    "not_rows": mark("没能读出这些行"),
    "too_many": mark("行数太多"),
    "not_agenda_dates": mark("没能读出新期限"),
    "not_a_form": mark("没能读出填写的内容"),
    "unknown": mark("没有这一栏"),
    "control_characters": mark("有不能显示的字符，去掉后再交"),
    "too_long": mark("文字太长"),
}
UNKNOWN_FAULT = mark("这一栏要改")
