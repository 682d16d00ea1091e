"""duban workflow preview --lines, rehearse, waiting: what two people look at before they decide, as on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from states.errors import NotFound
from states.schema import dump
from web.cli import LANGUAGE
from web.commands.drafts import WHICH, draft_at
from web.commands.office import acting, common, keep_trail, opened, progress, say

if TYPE_CHECKING:
    from web.versions.rehearsing import Replayed
    from web.wiring import Office
    from workflow.occasion import Occasion
    from workflow.store import Store
    from workflow.types import Actor

# What may become of a case, as `workflow.versions.preview` names it.
FATES = ("poisoned", "moves", "follows", "stays")
AT_ONCE = 1_000


# ---- a preview: what was said of clocks, and case by case -----------------------------------------------------------------


def decided_of(plan: str) -> list[dict[str, str]]:
    """What the stored plan says of clocks, and why."""
    from workflow.versions.plan import Plan

    return [dict(zip(("clock", "policy", "reason"), one, strict=True)) for one in Plan.of(json.loads(plan)).decided()]


def decided_lines(told: Mapping[str, Any]) -> list[str]:
    """The same as text, a line for each clock."""
    from web.versions.words import policy_words

    return [f"{one['clock']}：{policy_words(one['policy'], one['reason'], LANGUAGE)}" for one in told["clocks"]]


def told_lines(office: Office, impact: Mapping[str, Any], actor: Actor, now: datetime, fate: str) -> dict[str, Any]:
    """What becomes of each case, the counts of each township, and who may do what: no more than the page of a preview tells.

    That these numbers were read is on the trail before they are printed.
    """
    keep_trail(office, actor, now)
    return office.engine.read(now, partial(_read_lines, impact=impact, fate=fate, titles=office.titles))


def _read_lines(store: Store, occasion: Occasion, *, impact: Mapping[str, Any], fate: str, titles: Any) -> dict[str, Any]:
    from web.versions.lines import changed_posts
    from web.versions.naming import Names
    from web.versions.plan_form import living, olds_of
    from workflow.versions import preview
    from workflow.versions.plan import Plan

    new, kind = preview.drafted(store, impact["digest"]).definition, impact["kind"]
    names = Names(titles, LANGUAGE, *map(dump, [new, *olds_of(occasion, kind)]))
    posts = changed_posts(living(store, occasion, kind), new, Plan.of(json.loads(impact["plan"])), titles, LANGUAGE)
    return {
        "townships": _townships(store, occasion, impact["id"]),
        "posts": list(map(asdict, posts)),
        "lines": list(_lines(store, occasion, impact["id"], fate, names)),
    }


def _townships(store: Store, occasion: Occasion, impact_id: int) -> list[dict[str, Any]]:
    """The counts of each township in the county's order, of what stands under none at the end."""
    from workflow.reads.rows import area_name
    from workflow.versions import preview

    found, rank = preview.by_township(store, impact_id), occasion.tree.area_rank
    ordered = sorted(found, key=lambda area: (area is None, rank[area] if area is not None else 0))
    return [
        {"township": area_name(occasion.tree, area), **{name: found[area][name] for name in preview.COUNTED}}
        for area in ordered
    ]


def _lines(store: Store, occasion: Occasion, impact_id: int, fate: str, names: Any) -> Iterator[dict[str, Any]]:
    from web.versions.lines import line_of
    from workflow.reads import versions as reads
    from workflow.reads.several import say_numbers

    after = ""
    while True:
        page = reads.impact_lines(store, impact_id, fate=fate, after=after, limit=AT_ONCE)
        say_numbers(store, occasion, [line.number for line in page.lines])
        for line in page.lines:
            told = line_of(line, names, occasion.tree, False)
            yield {
                **{"number": told.number, "township": told.township, "fate": line.fate, "states": told.states},
                **{"due": told.due, "said": told.what},
            }
        if not page.after:
            return
        after = page.after


def lines_words(told: Mapping[str, Any]) -> Iterator[str]:
    """The same as text: townships, who may do what, then a line for each case with its parts between tabs."""
    from web.versions.words import FATES as WORDS

    for one in told["townships"]:
        fates = "，".join(f"{WORDS[fate]}{one[fate]}" for fate in FATES if one[fate])
        yield f"{one['township'] or ELSEWHERE}：{fates}，期限变动{one['dated']}"
    for one in told["replay"]["townships"] if told["replay"] else ():
        yield f"过去12个月重演，{one['township']}：{_counts_words(one, told['replay']['small'])}"
    yield from posts_words(told["posts"])
    for one in told["lines"]:
        due = " → ".join(str(day or "无") for day in one["due"]) if any(one["due"]) else ""
        yield "\t".join([one["number"], one["township"], WORDS[one["fate"]], one["states"], due, one["said"]])


def posts_words(posts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Who may newly do a step in a state and who no longer may, a line each."""
    for one in posts:
        changes = (("可以", one["more"]), ("不再可以", one["less"]))
        yield f"{one['state']}，{one['step']}：" + "；".join(f"{word} {'、'.join(told)}" for word, told in changes if told)


ELSEWHERE = "县直和其他"


# ---- the last twelve months once more ---------------------------------------------------------------------------------------


@click.command("rehearse")
@click.argument("kind")
@WHICH
@common
@click.pass_obj
def rehearse(login: str | None, kind: str, draft_id: int | None, yes: bool, as_json: bool) -> None:
    """Say how many talks and orders the last twelve months would have seen under a draft, by township, as it stands now.

    A number below the installation's `small_counts` is not told. Nothing is kept; `preview` keeps it with what it is made of.
    """
    del yes
    from web.versions.rehearsing import replayed
    from workflow.versions import drafts
    from workflow.versions.rehearse import extent

    now = datetime.now(UTC)
    with opened() as office:
        drafts.require_administrator(acting(office, login, now))

        def read(store: Store, occasion: Occasion) -> dict[str, Any]:
            draft = draft_at(store, kind, draft_id)
            with progress(extent(store, kind)[0], "重演") as bar:
                found = replayed(store, occasion, draft, bar.update)
            if found is None:
                raise NotFound(what="rehearsal", id=draft["id"])
            return {"draft": draft["id"], **told_year(found, office.settings.small_counts)}

        told = office.engine.read(now, read)
    say(told, as_json, _tally_words)


def told_year(found: Replayed, least: int) -> dict[str, Any]:
    """Talks and orders under the new rules, the present ones and really: in a township null for a small number."""
    from workflow.reads.small import told_parts

    columns = [told_parts(column, least) for column in zip(*(row for _name, row in found.townships), strict=True)]
    rows = zip((name for name, _row in found.townships), zip(*(column.cells for column in columns), strict=True), strict=True)
    whole = [[column.least, column.most] for column in columns] or [[0, 0]] * 6
    return {
        "small": least,
        "runs": found.tally.runs,
        "damaged": found.tally.damaged,
        "townships": [{"township": name, "talks": row[:3], "orders": row[3:]} for name, row in rows],
        "talks": whole[:3],
        "orders": whole[3:],
    }


def _tally_words(told: Mapping[str, Any]) -> str:
    towns = [f"{one['township']}：{_counts_words(one, told['small'])}" for one in told["townships"]]
    return "\n".join([*towns, f"合计：{year_words(told)}"])


def year_words(told: Mapping[str, Any]) -> str:
    """All talks and all orders of the last year, and how many cases could not be read."""
    left_out = f"；{told['damaged']}项的记录读不通，没有算在内" if told["damaged"] else ""
    return _counts_words(told, told["small"]) + left_out


def _counts_words(one: Mapping[str, Any], small: int) -> str:
    return f"约谈 {_three(one['talks'], small)}；督办单 {_three(one['orders'], small)}"


def _three(counts: Any, small: int) -> str:
    words = ("新规则", "现行规则", "实际")
    return "，".join(f"{word}{_counted(count, small)}" for word, count in zip(words, counts, strict=True))


def _counted(count: Any, small: int) -> str:
    if count is None:
        return f"少于{small}"
    if isinstance(count, list):
        return str(count[0]) if count[0] == count[1] else f"{count[0]}—{count[1]}"
    return str(count)


# ---- what waits for a word --------------------------------------------------------------------------------------------------


@click.command("waiting")
@click.argument("kind", required=False)
@common
@click.pass_obj
def waiting(login: str | None, kind: str | None, yes: bool, as_json: bool) -> None:
    """List what was proposed of a KEY, or of every kind, and waits for its second person or for its day."""
    del yes
    from workflow.reads import versions as reads
    from workflow.reads.motions import list_motions
    from workflow.versions import drafts
    from workflow.versions.preview import get_impact

    now = datetime.now(UTC)
    with opened() as office:
        drafts.require_administrator(acting(office, login, now))
        publications, motions = office.database.read(lambda store: (reads.publications(store), list_motions(store)))
        waits = [one for one in publications if one.status in ("waiting", "dated") and kind in (None, one.kind)]
        plans = [office.database.read(partial(get_impact, impact_id=one.impact_id))["plan"] for one in waits]
    found = [
        {
            **{"what": "publish", **_proposed(one), "from_on": one.from_on, "preview": one.impact_id, "seal": one.seal},
            "clocks": decided_of(plan),
        }
        for one, plan in zip(waits, plans, strict=True)
    ]
    found += [
        {"what": one.what, **_proposed(one), "run": one.run_id}
        for one in motions
        if one.status == "waiting" and kind in (None, one.kind)
    ]
    say(found, as_json, lambda told: "\n".join(map(_waiting_words, told)) or "没有等决定的")


def _proposed(one: Any) -> dict[str, Any]:
    names = ("id", "kind", "status", "reason", "proposer", "proposed_at")
    return {name: getattr(one, name) for name in names}


def _waiting_words(told: Mapping[str, Any]) -> str:
    names = {"publish": "发布", "reverse": "退回原来的版本", "retire": "停用", "reopen": "恢复"}
    more = f"，{told['from_on']}执行，试算{told['preview']}" if told["what"] == "publish" else ""
    state = "等执行日" if told["status"] == "dated" else "等第二人决定"
    first = f"{told['kind']}\t{names[told['what']]}\t{state}\t{told['proposer']}：{told['reason']}{more}"
    return "\n".join([first, *(decided_lines(told) if told["what"] == "publish" else ())])


COMMANDS = (rehearse, waiting)
