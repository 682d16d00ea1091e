"""What the second person reads before he says yes to a new version: everything that its page shows, as text (decision 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from states.schema import dump
from web.cli import LANGUAGE
from web.commands.impacts import posts_words
from web.commands.versions import diff_words, preview_words, told_of

if TYPE_CHECKING:
    from web.versions.plan_form import PlanForm
    from web.wiring import Office
    from workflow.occasion import Occasion
    from workflow.store import Store


def agreed_words(office: Office, publication: Mapping[str, Any], now: datetime) -> str:
    """The changes in sentences, the plan, who may newly do what, what is left unsaid, the totals and the whole seal."""
    from workflow.versions.preview import get_impact

    impact = office.database.read(partial(get_impact, impact_id=publication["impact_id"]))
    totals = preview_words(told_of(office, impact, now))
    read = partial(_read, publication=publication, impact=impact, totals=totals, titles=office.titles)
    return "\n".join(office.engine.read(now, lambda store, occasion: list(read(store, occasion))))


def _read(
    store: Store, occasion: Occasion, *, publication: Mapping[str, Any], impact: Mapping[str, Any], totals: str, titles: Any
) -> Iterator[str]:
    from web.versions.lines import changed_posts
    from web.versions.naming import Names
    from web.versions.plan_form import living, olds_of, plan_form, said_last
    from web.versions.sentences import difference
    from web.versions.words import obstacle_words
    from workflow.versions import preview
    from workflow.versions.plan import obstacles

    kind = publication["kind"]
    new, olds, plan = preview.drafted(store, impact["digest"]).definition, olds_of(occasion, kind), said_last(impact)
    names = Names(titles, LANGUAGE, *map(dump, [*olds[:1], new, *olds[1:]]))
    if olds:
        found = difference(olds[0], new, titles, LANGUAGE)
        yield "改了什么："
        yield diff_words([{"group": group, "said": one.text} for group, listed in found.groups for one in listed])
    yield "换版计划："
    yield from _plan_words(plan_form(olds, new, names, plan, {}))
    yield "谁能办什么的变化："
    posts = changed_posts(living(store, occasion, kind), new, plan, titles, LANGUAGE)
    yield from posts_words(map(asdict, posts)) if posts else ["没有变化"]
    yield "还没有说明的去处："
    standing = [obstacle_words({"name": one.name, "params": one.params}, names, LANGUAGE) for one in obstacles(plan, olds, new)]
    yield from list(dict.fromkeys(standing)) or ["都说明了，没有留下的"]
    yield totals
    yield f"{publication['from_on']}起执行，试算印记{publication['seal']}"


def _plan_words(form: PlanForm) -> Iterator[str]:
    """The plan, every word of it: states, clocks, choices, rungs."""
    from web.versions.words import RUNGS, WHEN, policy_words

    targets = dict(form.targets)
    for state in form.states:
        to = f"，转到“{targets.get(state.to, '没有选')}”" if state.is_gone else ""
        yield f"状态“{state.title}”：{WHEN[state.when][0]}{to}"
    for clock in form.clocks:
        rule = f"{clock.before or '新加的'} → {clock.after}"
        yield f"期限“{clock.title}”：{rule}，{policy_words(clock.policy, clock.reason, LANGUAGE)}"
    for gone in form.gone:
        then = f"改称“{gone.to_title}”，接着计时，{policy_words(gone.policy, gone.reason, LANGUAGE)}" if gone.to else "不再计时"
        yield f"期限“{gone.title}”：{then}"
    for choice in form.choices:
        yield f"“{choice.field_title}”的“{choice.title}”改为“{dict(choice.choices).get(choice.to, '没有选')}”"
    yield f"新的督促里日子已经过去的：{RUNGS[form.rungs][0]}"
