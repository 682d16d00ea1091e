"""The pages of changes of organisations: looked at first, done or dated, withdrawn, told; nothing typed is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County
from tests.web.admin.conftest import Keeper
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Area, Organ, Reorganisation, Trail

NOW = hours.now()
WHY = {"reason": "撤村并居", "paper": "安政发〔2026〕9号"}


def change(who: Any, county: County, unit: str, key: str, confirmed: bool = True, **told: Any) -> Any:
    """A change of a unit, as its page posts it."""
    unit_id = (county.areas if unit == "areas" else county.organs)[key]
    sent = {**WHY, **told, **({"confirmed": "1"} if confirmed else {})}
    return post(who, f"/organisations/{unit}/{unit_id}", f"/organisations/{unit}/{unit_id}/change", sent)


def test_a_change_is_shown_before_it_is_done(county: County, keeper: Keeper) -> None:
    who, case_id = keeper("system_admin"), county.supervised_item(NOW - timedelta(days=1))
    told = {"act": "merge", "into": county.areas["xitou"]}
    shown = change(who, county, "areas", "donggou", confirmed=False, **told)
    assert shown.status_code == 200
    words = words_of(shown.text)
    assert "东沟村并入西头村" in words
    assert "1人，少于5项" in words
    assert "有少于5项的，不列" in words and "整改中" not in words, "no number by kind and state gives a small one away"
    assert "周明远" in words
    assert "村务公开栏" not in words, "an administrator is told numbers, not content"
    assert case_row(county, case_id)["holder_id"] == county.organs["donggou_branch"]
    assert change(who, county, "areas", "donggou", **told).status_code == 303
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]
    page = words_of(who.get(f"/organisations/areas/{county.areas['donggou']}").text)
    assert "东沟村并入西头村" in page
    assert "撤村并居（安政发〔2026〕9号）" in page
    assert "转接在办事项少于5项" in page


def test_a_change_dated_ahead_waits_on_the_list_until_it_is_withdrawn(county: County, keeper: Keeper) -> None:
    who, day = keeper("system_admin"), local_day(NOW) + timedelta(20)
    told = {"act": "rename", "name": "东桥村", "short": "", "on": day.isoformat(), "with_organs": "1"}
    assert change(who, county, "areas", "donggou", **told).status_code == 303
    assert "东沟村改名为东桥村" in words_of(who.get("/organisations/changes").text)
    assert "东沟村改名为东桥村" not in words_of(who.get("/organisations/changes?what=merge").text)
    assert "东沟村改名为东桥村" in words_of(who.get("/organisations/changes?q=9号").text)
    (row,) = rows_of(county, Reorganisation)
    assert post(who, "/organisations/changes", f"/organisations/changes/{row['id']}/withdraw", {}).status_code == 303
    assert rows_of(county, Reorganisation)[0]["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": ""}, "名称不能空着，也不能太长"),
        ({"name": "长" * 201}, "名称不能空着，也不能太长"),
        ({"name": "柳河镇党委"}, "这个名称已有"),
        ({"name": "东沟村党支部"}, "现在就叫这个名称，没有改动"),
        ({"name": "东桥村党支部", "reason": " "}, "写明理由"),
        ({"name": "东桥村党支部", "on": "某天"}, "日期不能识别"),
        ({"name": "东桥村党支部", "on": "2099-01-01"}, "执行日期最远定在365天以内"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_typed_is_lost(
    county: County, keeper: Keeper, told: dict[str, str], said: str
) -> None:
    answer = change(keeper("system_admin"), county, "organs", "donggou_branch", act="rename", **told)
    assert answer.status_code in (400, 409)
    assert said in words_of(answer.text)
    assert told["name"] in answer.text
    assert "安政发〔2026〕9号" in answer.text
    assert rows_of(county, Reorganisation) == []


def test_the_preview_of_a_new_name_lists_who_is_renamed_with_it(county: County, keeper: Keeper) -> None:
    who, told = keeper("system_admin"), {"act": "rename", "name": "东桥村"}
    shown = words_of(change(who, county, "areas", "donggou", confirmed=False, with_organs="1", **told).text)
    assert "随着改名的单位" in shown and "东沟村党支部 → 东桥村党支部" in shown
    assert "随着改名的单位" not in words_of(change(who, county, "areas", "donggou", confirmed=False, **told).text)
    same = change(who, county, "areas", "donggou", confirmed=False, act="rename", name="东沟村")
    assert "现在就叫这个名称" in words_of(same.text)


def test_a_split_lists_cases_by_number_and_hands_on_those_that_are_ticked(county: County, keeper: Keeper) -> None:
    who, case_id = keeper("system_admin"), county.supervised_item(NOW - timedelta(days=1))
    shown = change(who, county, "areas", "donggou", confirmed=False, act="split", name="新沟村")
    assert case_row(county, case_id)["number"] in shown.text
    assert "村务公开栏" not in shown.text
    assert change(who, county, "areas", "donggou", act="split", name="新沟村", case=str(case_id)).status_code == 303
    assert case_row(county, case_id)["holder_id"] != county.organs["donggou_branch"]


def test_others_read_what_was_changed_and_change_nothing(county: County, keeper: Keeper, client: Client) -> None:
    change(keeper("system_admin"), county, "organs", "xitou_branch", act="rename", name="新西头村党支部")
    county.supervised_item(NOW - timedelta(days=1))
    han = client("han")
    assert "西头村党支部改名为新西头村党支部" in words_of(han.get("/organisations/changes").text)
    page = han.get(f"/organisations/organs/{county.organs['xitou_branch']}")
    assert '/change"' not in page.text
    told = {"act": "end", **WHY, "confirmed": "1"}
    url = f"/organisations/organs/{county.organs['xitou_branch']}/change"
    assert post(han, "/organisations", url, told).status_code == 404
    assert client("han").get("/organisations/organs/99999").status_code == 404


def test_health_tells_only_the_administrator_why_a_change_was_set_aside(county: County, keeper: Keeper, client: Client) -> None:
    who, day = keeper("system_admin"), local_day(NOW) + timedelta(1)
    assert change(who, county, "organs", "donggou_branch", act="end", on=day.isoformat()).status_code == 303
    county.supervised_item(NOW - timedelta(days=1))
    county.engine.take_reorganisations(NOW + timedelta(days=1))
    assert "这个单位还有没办结的事项" in words_of(who.get("/health").text)
    assert "已搁置" in words_of(who.get("/organisations/changes").text)
    han, why = client("han"), "还有没办结的事项"
    assert why in words_of(who.get("/organisations/changes").text)
    assert why not in words_of(han.get("/organisations/changes").text), "what a body has to do is not everybody's"
    assert why not in words_of(han.get("/health").text)


def test_a_unit_that_has_ended_is_not_ended_again_and_lets_nothing_new_in(county: County, keeper: Keeper) -> None:
    who, xitou = keeper("system_admin"), county.areas["xitou"]
    assert "下面还有单位" in words_of(change(who, county, "areas", "xitou", act="end").text)
    assert change(who, county, "organs", "xitou_branch", act="end").status_code == 303
    assert change(who, county, "areas", "xitou", act="end").status_code == 303
    assert "已撤销" in words_of(who.get("/organisations").text)
    again = change(who, county, "areas", "xitou", act="end")
    assert again.status_code == 409
    assert "这个区划已经撤销" in words_of(again.text)
    assert "这个单位已经撤并" in words_of(change(who, county, "organs", "xitou_branch", act="end").text)
    told = {"area": xitou, "kind": "village_party_organisation", "name": "新支部"}
    assert post(who, "/organisations", "/organisations/organs", told).status_code == 409


def test_a_change_that_was_just_made_is_undone_from_its_list(county: County, keeper: Keeper) -> None:
    who = keeper("system_admin")
    assert change(who, county, "organs", "xitou_branch", act="rename", name="新西头村党支部").status_code == 303
    (row,) = rows_of(county, Reorganisation)
    assert f"/organisations/changes/{row['id']}/undo" in who.get("/organisations/changes").text
    assert post(who, "/organisations/changes", f"/organisations/changes/{row['id']}/undo", {}).status_code == 303
    words = words_of(who.get("/organisations/changes").text)
    assert "办后撤销" in words
    assert "新西头村党支部" not in words_of(who.get("/organisations").text)


def test_who_would_see_more_is_read_and_answered_by_a_second_administrator_and_counts_in_open_sessions(
    county: County, keeper: Keeper, client: Client
) -> None:
    who, security = keeper("system_admin"), keeper("security_admin")
    keeper("audit_admin")
    case_id = county.supervised_item(NOW - timedelta(days=1))
    feng = client("feng")
    assert feng.get(f"/cases/{case_id}").status_code == 404
    told = {"act": "merge", "into": county.areas["xitou"]}
    shown = words_of(change(who, county, "areas", "donggou", confirmed=False, **told).text)
    assert "提出，等第二人同意" in shown
    assert "要由另一位管理员同意" in shown
    assert change(who, county, "areas", "donggou", **told).status_code == 303
    (row,) = rows_of(county, Reorganisation)
    url = f"/organisations/changes/{row['id']}/decide"
    assert url not in who.get("/organisations/changes").text
    assert post(client("han"), "/organisations", url, {"word": "yes"}).status_code == 404
    page = security.get("/organisations/changes").text
    assert url in page
    assert "西头村党支部：1人会看到原来看不到的少于5项" in words_of(page)
    assert feng.get(f"/cases/{case_id}").status_code == 404
    assert post(security, "/organisations/changes", url, {"word": "yes"}).status_code == 303
    assert feng.get(f"/cases/{case_id}").status_code == 200
    assert "管理员同意" in words_of(who.get("/organisations/changes").text)


def test_units_that_are_added_or_put_in_order_are_on_the_trail(county: County, keeper: Keeper) -> None:
    who = keeper("system_admin")
    told = {"name": "新集村", "level": "village", "parent": county.areas["liuhe"]}
    assert post(who, "/organisations", "/organisations/areas", told).status_code == 303
    organ = {"name": "新集村党支部", "kind": "village_party_organisation", "area": county.areas["xitou"]}
    assert post(who, "/organisations", "/organisations/organs", organ).status_code == 303
    below = [row["id"] for row in rows_of(county, Area, parent_id=county.areas["liuhe"])]
    order = {f"place/{area_id}": str(place) for place, area_id in enumerate(reversed(below), start=1)}
    assert post(who, "/organisations", f"/organisations/areas/{county.areas['liuhe']}/areas", order).status_code == 303
    assert post(who, "/organisations", "/organisations/areas", {**told, "name": ""}).status_code == 400
    facts = [json.loads(row["facts"]) for row in rows_of(county, Trail, action="organisation")]
    assert {one["actor"] for one in facts} == {county.people["system_admin"]}
    new = max(row["id"] for row in rows_of(county, Organ))
    assert [one["what"] for one in facts] == [
        f"add area {max(below)}",
        f"add organ {new}",
        f"order areas of area {county.areas['liuhe']}",
    ]
