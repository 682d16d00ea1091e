"""The table of contents of what this office does: every effect, rung and letter by the name a definition gives it.

A new one is a function in its own file, a line here, and its name in a definition; the channels stand in
`handlers/channels/`. The keyword parameters of an effect or a rung are what a definition may say to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from handlers.effects import cases, clocks, facts, notices
from handlers.effects import interviews as talks
from handlers.letters import forms, official
from handlers.letters.facts import Letter
from handlers.rungs import interviews, orders
from handlers.rungs import notices as told
from workflow.types import Effect, RungFunction

EFFECTS: Mapping[str, Effect] = {
    "notify_posts": notices.notify_posts,
    "notify_holder": notices.notify_holder,
    "notify_supervisor": notices.notify_supervisor,
    "hand_back_limit": notices.hand_back_limit,
    "open_child": cases.open_child,
    "open_measures": cases.open_measures,
    "end_children": cases.end_children,
    "issue_letter": facts.issue_letter,
    "set_field": facts.set_field,
    "raise_choice": facts.raise_choice,
    "propose_interview": talks.propose_interview,
    "propose_handler_interview": talks.propose_handler_interview,
    "link_agenda": talks.link_agenda,
    "fix_new_dates": talks.fix_new_dates,
    "close_agenda": talks.close_agenda,
    "pause_clocks": clocks.pause_clocks,
    "resume_clocks": clocks.resume_clocks,
    "settle_clocks": clocks.settle_clocks,
}

RUNGS: Mapping[str, RungFunction] = {
    "remind": told.remind,
    "warn": told.warn,
    "turn_red": told.turn_red,
    "notify_posts": told.notify_posts,
    "report_up": told.report_up,
    "raise_level": told.raise_level,
    "draft_circular": told.draft_circular,
    "issue_order": orders.issue_order,
    "propose_interview": interviews.propose_interview,
    "propose_handler_interview": interviews.propose_handler_interview,
    "climb_items": interviews.climb_items,
}

LETTERS: Mapping[str, Letter] = {
    "transfer_letter": Letter("移交函", official.transfer_letter),
    "assignment_sheet": Letter("承办单", forms.assignment_sheet),
    "reminder_sheet": Letter("催办单", forms.reminder_sheet),
    "supervision_order": Letter("督办通知书", official.supervision_order),
    "interview_notice": Letter("约谈通知书", official.interview_notice),
    "interview_record": Letter("约谈记录", forms.interview_record),
    "close_out_form": Letter("销号审批表", forms.close_out_form),
    "circular": Letter("通报", official.circular),
    "accountability_proposal": Letter("问责建议书", official.accountability_proposal),
    "admonition": Letter("告诫书", official.admonition),
}
