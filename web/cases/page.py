"""What the case page shows beyond the read itself: facts, sentences of the timeline, reminders, buttons and their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from flask import g, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from states.definition import LANGUAGES, Definition, ExtensionRule, Text
from states.guards import Unmet
from web import formatting
from web.cases.clock_words import said_day, version_lines
from web.cases.decisions import CHOICES, OUTCOMES
from web.cases.folding import folded as folded
from web.cases.organisation_rules import rules_said
from web.current import actor, now, office, today
from web.errors import reasons_of
from web.language import current_language, mark
from web.wiring import shipped_titles
from workflow.dates import local_day
from workflow.definitions import Catalogue
from workflow.reads.buttons import Button, Reason, Turn
from workflow.reads.case_page import CasePage, LinkedCase
from workflow.reads.discretion import Hint, InTheKnow, Wish
from workflow.reads.facts import Fact
from workflow.reads.names import Seat
from workflow.reads.next_step import PRODDING
from workflow.reads.timeline import TimelineEvent
from workflow.verbs.approvals import Approver
from workflow.verbs.link import BY_HAND as BY_HAND

SHOWN_EVENTS = 12
# Who changes kinds.
DESIGNS = "workflow_admin"
STATE_EVENTS = {"state": "state", "late": "late"}


def words(told: Mapping[str, str] | None) -> str:
    """A label of the vocabulary in the reader's language."""
    return (told or {}).get(current_language()) or (told or {}).get("zh-Hans", "")


def _say(text: Text) -> str:
    return text.in_(current_language())


# ---- facts ----------------------------------------------------------------------------------------------------------------


def fact_words(fact: Fact) -> str | Markup:
    """A fact as a reader sees it: titles of choices, names of organs, days, amounts."""
    if fact.rows:
        rows = [Markup("；").join(fact_words(cell) for cell in row if is_said(cell)) for row in fact.rows]
        return Markup("<br>").join(rows)
    if fact.words:
        return "、".join(map(_say, fact.words))
    if fact.type == "date" and fact.value:
        return formatting.full_day(date.fromisoformat(str(fact.value)), language=current_language())
    if fact.type == "money" and fact.value is not None:
        return formatting.money(int(fact.value), language=current_language())
    if fact.type == "flag":
        return str(gettext("是") if fact.value else gettext("否"))
    return str(fact.value if fact.value is not None else "")


def pairs(facts: Iterable[Fact]) -> list[tuple[str, str | Markup]]:
    """The facts that are filled, with their titles; long ones are folded."""
    return [(_say(fact.title), folded(fact_words(fact))) for fact in facts if is_said(fact)]


def is_said(fact: Fact) -> bool:
    """Does the fact say anything? A box that was not ticked does not, unless its no has words of its own."""
    return fact.value not in (None, "", []) and (fact.value is not False or bool(fact.words))


# ---- the timeline ---------------------------------------------------------------------------------------------------------


def sentence(event: TimelineEvent, page: CasePage) -> Markup:
    """What happened, as one sentence with who did it."""
    return _sentence(event, *_names(page))


def faster(event: TimelineEvent) -> str:
    """Who was faster, and when."""
    on, language = local_day(event.happened_at), current_language()
    at = formatting.clock_time(event.recorded_at, language=language)
    when = at if on == today() else f"{said_day(on)} {at}"
    return str(gettext("该事项刚刚由%(name)s于%(time)s更新", name=event.actor, time=when))


def _names(page: CasePage) -> tuple[dict[str, str], dict[str, str]]:
    titles = {clock.key: _say(clock.title) for clock in page.clocks}
    rungs = {f"{clock.key}/{step.key}": _say(step.title) for clock in page.clocks for step in clock.ladder}
    return titles, rungs | {f"rule/{key}": said for key, said in rules_said(page).items()}


def entries(page: CasePage, events: Iterable[TimelineEvent] | None = None) -> list[dict[str, Any]]:
    """The events, newest first, each with its hour, its step and one sentence: those of the page, or some of them."""
    titles, rungs = _names(page)
    return [_entry(event, titles, rungs) for event in (page.timeline if events is None else events)]


def _entry(event: TimelineEvent, clocks: Mapping[str, str], rungs: Mapping[str, str]) -> dict[str, Any]:
    told = {"event": event, "step": _done(event, clocks, rungs), "text": _sentence(event, clocks, rungs)}
    return {**told, "at": entry_at(event.happened_at), "kind": STATE_EVENTS.get(event.kind, "other")}


def entry_at(moment: datetime) -> str:
    """When something happened: of today the hour, else the day."""
    on = local_day(moment)
    return said_day(on) if on != today() else formatting.clock_time(moment, language=current_language())


def _done(event: TimelineEvent, clocks: Mapping[str, str], rungs: Mapping[str, str]) -> str:
    return _say(event.title) if event.title else _verb(event, clocks, rungs)


def _sentence(event: TimelineEvent, clocks: Mapping[str, str], rungs: Mapping[str, str]) -> Markup:
    who = "".join(part for part in (event.organ, event.actor) if part)
    text = Markup("{}{}{}").format(who, gettext("：") if who else "", _done(event, clocks, rungs))
    if event.kind == "state" and event.from_state:
        text += Markup("，<b>{}→{}</b>").format(_say(event.from_state), _say(event.to_state))
    if event.from_holder:
        text += Markup("，{}→{}").format(event.from_holder, event.to_holder)
    if said := _moved_day(event):
        text += Markup("，<b>{}</b>").format(said)
    if event.ground:
        text += Markup("，{}").format(_say(event.ground))
    text += Markup("").join(Markup("<br><span class='hint'>{}</span>").format(line) for line in version_lines(event, clocks))
    if event.params.get("hour_given"):
        text += Markup("<br><span class='hint'>{}</span>").format(gettext("时刻由人给定，不是系统时钟"))
    if event.params.get("undecided"):
        text += Markup("<br><span class='hint'>{}</span>").format(gettext("时限前申请的延期还没有批复"))
    if event.mentioned:
        text += Markup("<br><span class='hint'>{}</span>").format(gettext("提醒%(names)s", names="、".join(event.mentioned)))
    for name, said in event.said.items():
        label = gettext(SAID[name]) if name in SAID else ""
        text += Markup("<br><span class='hint'>{}{}</span>").format(f"{label}{gettext('：')}" if label else "", folded(said))
    for fact in filter(is_said, event.answers):
        text += Markup("<br><span class='hint'>{}{}{}</span>").format(_say(fact.title), gettext("："), folded(fact_words(fact)))
    return text


def _moved_day(event: TimelineEvent) -> str:
    """From which day to which: asked for, or moved; where a later date was refused, the day that stays."""
    if not (event.from_on and event.to_on):
        return ""
    old, new = said_day(event.from_on), said_day(event.to_on)
    if event.verb == "ask_extension":
        return str(gettext("由%(old)s延到%(new)s", old=old, new=new))
    if event.verb == "decide_extension" and not event.params.get("granted"):
        return str(gettext("仍为%(day)s", day=new))
    return f"{old}→{new}" if event.from_on != event.to_on else ""


def _versions(event: TimelineEvent) -> str:
    """From which version to which, and back."""
    words = {"old": event.params["left"], "new": event.params["came_to"]}
    if event.verb == "undo":
        return str(gettext("流程由第%(old)s版退回第%(new)s版", **words))
    return str(gettext("流程由第%(old)s版改为第%(new)s版", **words))


def _verb(event: TimelineEvent, clocks: Mapping[str, str], rungs: Mapping[str, str]) -> str:
    params = event.params
    clock = clocks.get(str(params.get("clock", "")), "")
    if event.verb == "rung":
        said = rungs.get(f"{params.get('clock')}/{params.get('rung')}", "") or clock
        return str(gettext("：").join((gettext("自动督促"), said)))
    if event.verb == "organisation_rule":
        said = rungs.get(f"rule/{params.get('rule')}") or gettext("本单位同类事项偏多")
        return str(gettext("：").join((gettext("自动提醒"), said)))
    if "came_to" in params:
        return _versions(event)
    own = ENGINE_WORDS.get(event.verb)
    if own:
        said = gettext(own)
        return f"{said}（{clock}）" if clock else said
    verbs = shipped_titles()["verbs"]
    key = {"imported": "adopt", "bar": "recuse"}.get(event.verb, event.verb)
    if event.verb == "decide_loosening":
        key = "grant_loosening" if params.get("granted") else "refuse_loosening"
    if event.verb == "decide_extension":
        key = "grant_extension" if params.get("granted") else "refuse_extension"
    return words(verbs.get(key, {}).get("done")) or gettext("系统记录")


# Words of a process log, which stand under their own names.
SAID = {"activity": mark("日志里的环节"), "resource": mark("经办人")}
# Events that no vocabulary names, because nobody presses them.
ENGINE_WORDS = {
    "new_date": mark("约谈定下新期限"),
    "ladder_climbed": mark("约谈没有按时举行，升级督促"),
    "ladder_released": mark("约谈结束，继续督促"),
    "talk_merged": mark("约谈并入另一次约谈"),
    "ended_with_parent": mark("主件已办结或撤下，随之终止"),
    "ladder_on": mark("启用催办"),
    "rung_cancelled": mark("取消督促"),
    "imported_column": mark("原台账记载的日期"),
    "merged_here": mark("另一件并入本件"),
    "calendar": mark("日历调整，重新计算期限"),
    "successor": mark("承办单位变更"),
    "replay": mark("由日志导入"),
    "put_away": mark("保密内容归档封存"),
}


# ---- reminders and evidence ----------------------------------------------------------------------------------------------

# Of the ways to remind, the sheet is done by the click itself; who has telephoned or spoken writes that down.
BY_SHEET = {"remind_by": "sheet"}


def reminds_at_once(button: Button) -> bool:
    """May the reminder be sent by one click? Its form then needs no more than the way, which is the sheet."""
    ways = {question.key: {choice.key for choice in question.choices} for question in button.questions}
    needed = {question.key for question in button.questions if question.required}
    known = all(value in ways.get(key, ()) for key, value in BY_SHEET.items())
    return button.trigger == PRODDING and known and needed <= set(BY_SHEET) and not button.needs_approval


def evidence_title(label: str) -> str:
    """The name of a label of evidence; the label itself where an older vocabulary had another."""
    return words(office().titles["evidence_labels"].get(label)) or label


def lacking_evidence(page: CasePage) -> list[str]:
    """What the main steps that are not open yet still want to see, each once."""
    wants = (reason for button in page.buttons if button.is_main for reason in button.why if reason.name == "has_evidence")
    labels = dict.fromkeys(label for reason in wants for label in reason.params.get("labels") or ())
    there = {file.label for file in page.evidence}
    return [evidence_title(label) for label in labels if label not in there]


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
PREVIEWED = (*PICTURES, "application/pdf")


def answers_said(rule: ExtensionRule) -> list[str]:
    """The titles of the answers that ask for the rule's proof."""
    titles = {(q.key, choice.key): _say(choice.title) for q in rule.form for choice in q.choices}
    when = rule.proof.when if rule.proof else {}
    return [titles.get((key, value), str(value)) for key, value in when.items()]


# ---- buttons --------------------------------------------------------------------------------------------------------------


def reasons(button_why: tuple[Reason, ...], page: CasePage) -> list[str]:
    """Why not, in sentences."""
    return reasons_of([_plain(reason) for reason in button_why], names_of(page))


def names_of(page: CasePage) -> dict[str, str]:
    """The reader's words for what a reason may name: facts, their values (as field:value), steps, kinds."""
    return names_in(page.definition)


def names_in(definition: Definition) -> dict[str, str]:
    """The same for the cases of a definition."""
    names = {field.key: _say(field.title) for field in definition.fields}
    for field in definition.fields:
        names |= {f"{field.key}:{choice.key}": _say(choice.title) for choice in field.choices}
        names |= {f"{field.key}:True": gettext("是"), f"{field.key}:False": gettext("否")} if field.type == "flag" else {}
    names |= {step.trigger: _say(step.title) for step in definition.transitions}
    names |= {f"label:{label}": evidence_title(label) for label in office().titles["evidence_labels"]}
    return names | {kind: _say(title) for kind, title in _kind_titles().items()}


def reasons_of_kind(kind: str, why: Iterable[Unmet]) -> str:
    """Why a step cannot be taken on cases of a kind, in one line."""
    return "；".join(reasons_of([reason.as_dict() for reason in why], names_of_kind(kind)))


def _kind_titles() -> Mapping[str, Text]:
    """Kind → title."""
    return {kind: served.definition.title for kind, served in _catalogue().current.items()}


def _catalogue() -> Catalogue:
    """The kinds as they are served; asked once for a page."""
    if "catalogue" not in g:
        g.catalogue = office().engine.read(now(), lambda _store, occasion: occasion.catalogue)
    return cast(Catalogue, g.catalogue)


def _plain(reason: Reason) -> dict[str, Any]:
    told: dict[str, Any] = {"name": reason.name, "params": dict(reason.params), "negated": reason.negated, "told": reason.told}
    if reason.alternatives:
        told["alternatives"] = [_plain(part) for part in reason.alternatives]
    if reason.say:
        told["say"] = {language: reason.say.in_(language) for language in LANGUAGES}
    return told


def names_of_kind(kind: str) -> Mapping[str, str]:
    """`names_in` of the present version of a kind; made once for a page."""
    if "names_of_kinds" not in g:
        g.names_of_kinds = {}
    if kind not in g.names_of_kinds:
        g.names_of_kinds[kind] = names_in(_catalogue().of_kind(kind).definition)
    return cast("Mapping[str, str]", g.names_of_kinds[kind])


def verb_title(name: str) -> str:
    """What one of the engine's own verbs is called on its button."""
    own = OWN_TITLES.get(name)
    return str(gettext(own)) if own else words(shipped_titles()["verbs"].get(VOCABULARY.get(name, name), {}).get("title"))


def may_record(page: CasePage) -> bool:
    """Whose case it is to supervise may hand it on as a scenario of its workflow."""
    return page.row.seen_upto is None and page.row.supervisor_id in actor().organ_ids


SO_MANY_NAMED = 3


def wants_words(button: Button) -> str:
    """That a step must be approved first, and by whom where those are few."""
    names = gettext("或").join(one.name for one in button.approvers) if len(button.approvers) <= SO_MANY_NAMED else ""
    step = _say(button.title)
    return str(
        gettext("%(step)s要先经%(names)s审批", step=step, names=names) if names else gettext("%(step)s要先经审批", step=step)
    )


def acts_aside(page: CasePage) -> list[tuple[str, str]]:
    """The steps that are not what is to be done now, each with the address of its form."""
    found = [button for button in page.buttons if button.trigger in page.aside]
    return [(_say(one.title), url_for("cases.act_page", case_id=page.row.id, trigger=one.trigger)) for one in found]


def designs_too(page: CasePage) -> bool:
    """Is a scenario of use to this reader: does he both supervise the case and design kinds?"""
    return may_record(page) and actor().has_role(DESIGNS)


def more_acts(page: CasePage, **along: Any) -> list[tuple[str, str]]:
    """The engine's own verbs that are asked for less often, each with the address of its form, which takes `along` with it.

    A recusal is none of them: it cannot be taken back, and stands apart (`recusal`).
    """
    found = []
    for verb in page.verbs:
        if verb.allowed and verb.verb == "ask_extension":
            found += _extensions(page, verb.params["latest"], along)
        elif verb.allowed and verb.verb in MORE:
            found.append((verb_title(verb.verb), url_for("cases.verb_page", case_id=page.row.id, name=verb.verb, **along)))
    return found


def recusal(page: CasePage, **along: Any) -> str:
    """The address of the form that takes somebody off the case; "" where this person may not."""
    may = any(verb.allowed and verb.verb == "bar" for verb in page.verbs)
    return url_for("cases.bar_page", case_id=page.row.id, **along) if may else ""


def _extensions(page: CasePage, latest: Mapping[str, Any], along: Mapping[str, Any]) -> list[tuple[str, str]]:
    # An earlier run of the same clock is not asked about a second time.
    clocks = list({clock.key: clock for clock in page.clocks if clock.key in latest}.values())
    several, title = len(clocks) > 1, verb_title("ask_extension")
    words_of = {clock.key: f"{title}（{_say(clock.title)}）" if several else title for clock in clocks}
    return [(said, url_for("cases.extend_page", case_id=page.row.id, clock=key, **along)) for key, said in words_of.items()]


def shut_acts(page: CasePage) -> list[tuple[str, list[str], str]]:
    """What this person may not do now, beside the main step: what, why not, and whose turn it is."""
    steps = [b for b in page.buttons if not b.allowed and not b.is_main]
    found = [(_say(b.title), reasons(b.why, page), turn_words(b)) for b in steps]
    return found + [(verb_title(v.verb), reasons(v.why, page), "") for v in page.verbs if not v.allowed]


def role_title(role: str) -> str:
    """What a role is called."""
    return words(office().titles["roles"].get(role, {}).get("title"))


def seat_words(seat: Seat | Approver | None) -> str:
    """The unit of a person and his post there; "" of whom is in no post."""
    if seat is None:
        return ""
    return str(gettext("%(organ)s%(post)s", organ=seat.organ, post=seat.title or role_title(seat.role)))


def approver_words(person: Approver, people: Iterable[Approver]) -> str:
    """His name; where another of the people bears it also his seat, and where that is the same too, the account."""
    same = [one for one in people if one.name == person.name and one is not person]
    if not same:
        return person.name
    told = [seat_words(person), *([person.login] if seat_words(person) in map(seat_words, same) else [])]
    return str(gettext("%(name)s（%(more)s）", name=person.name, more=" ".join(told)))


def level_title(level: int) -> str:
    """What a level of confidentiality is called."""
    return words(shipped_titles()["levels"][str(level)])


# Why somebody knows of a confined case.
KNOWS = {"supervisor": mark("交办机关负责人，按规则知悉"), "holder": mark("承办单位负责人，按规则知悉")}


def why_knows(one: InTheKnow) -> str:
    """Why he is of the circle: the rule, or who named him and his reason."""
    if one.why in KNOWS:
        return str(gettext(KNOWS[one.why]))
    return str(gettext("%(who)s指定：%(reason)s", who=one.added_by or gettext("本机操作员"), reason=one.reason))


# What somebody is to the person who has declared him.
KIN = {
    "spouse": mark("配偶"),
    "parent": mark("父母"),
    "child": mark("子女"),
    "sibling": mark("兄弟姐妹"),
    "in_law": mark("姻亲"),
    "other_kin": mark("其他近亲属"),
    "interest": mark("有利害关系的人"),
}


def hint_words(one: Hint) -> str:
    """Why somebody should perhaps stand back; never whose name it is."""
    if one.why in KIN:
        return str(gettext("申报的%(kin)s与保密内容里的人同名", kin=gettext(KIN[one.why])))
    return str(gettext("本人与保密内容里的人同名"))


def wish_words(wish: Wish) -> str:
    """What somebody asks to loosen."""
    levels = {"old": level_title(wish.was), "new": level_title(wish.level or 0)}
    if wish.what == "level":
        return str(gettext("把本件由“%(old)s”调低到“%(new)s”", **levels))
    if wish.what == "file":
        return str(gettext("把材料“%(file)s”由“%(old)s”调低到“%(new)s”", file=wish.about, **levels))
    if wish.what == "recusal":
        return str(gettext("取消%(name)s的回避", name=wish.about))
    if wish.what == "archive":
        return str(gettext("从归档封存中取回保密内容"))
    return str(gettext("不再限定知悉人员"))


def relation_words(link: LinkedCase) -> str:
    """What the other case is to this one."""
    out, back = RELATIONS[link.relation]
    return str(gettext(out if link.is_outgoing else back))


MORE = ("assign", "pause", "resume", "merge", "split", "void", "withdraw")
RELATIONS = {
    "related": (mark("相关"), mark("相关")),
    "previous": (mark("前次事项"), mark("后来的事项")),
    "caused": (mark("由本件引起"), mark("引起本件")),
    "merged_into": (mark("已并入"), mark("并入本件")),
    "split_from": (mark("分出本件"), mark("从本件分出")),
}
VOTES, DECIDED = CHOICES, OUTCOMES
OWN_TITLES = {"decide_extension": mark("批复延期"), "unlink": mark("取消关联")}
VOCABULARY = {"bar": "recuse", "evidence": "add_evidence"}


def turn_words(button: Button) -> str:
    """Whose turn it is; in the reader's own organ, who of it."""
    organs = list(dict.fromkeys(_of_turn(turn) for turn in button.turns if turn.organ))
    return str(gettext("轮到%(organs)s", organs="、".join(organs))) if organs else ""


def _of_turn(turn: Turn) -> str:
    if turn.organ_id not in actor().organ_ids:
        return turn.organ
    return str(gettext("本单位的%(posts)s", posts=gettext("或").join(map(role_title, turn.roles))))


def path_steps(page: CasePage, titles: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The states of the kind as a line of circles: passed, present, ahead; of several endings its own, or the usual one."""
    endings = [state.key for state in page.definition.states if state.final]
    ending = page.row.state if page.row.state in endings else endings[0]
    titles = [(key, title) for key, title in titles if key not in endings or key == ending]
    came = {step.state: step for step in page.path}
    place = next((n for n, (key, _title) in enumerate(titles) if key == page.row.state), 0)
    steps = []
    for n, (key, title) in enumerate(titles):
        step = came.get(key)
        below = _below(step) if step and n <= place else ""
        state = "now" if n == place else "done" if n < place and step else "ahead"
        steps.append({"title": title, "below": below, "state": state})
    return steps


def _below(step: Any) -> str:
    return f"{said_day(local_day(step.from_at))} {escape(step.holder)}"


def letter_title(key: str) -> str:
    """What a letter is called."""
    return words(office().titles["letters"].get(key)) or key
