"""The list of accounts is searched, narrowed to a role and a part of the county, and turned a page at a time."""

from __future__ import annotations

import json
import re
from html import unescape

from flask.testing import FlaskClient

from tests import hours
from tests.factories import PEOPLE, County
from tests.web.admin.conftest import Keeper
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from workflow.dates import local_day
from workflow.models import Person, Trail
from workflow.people.directory import PER_PAGE
from workflow.people.grants import end, list_grants

NOW = hours.now()
NAME = re.compile(r'<section class="panel"><header class="panel-head"><h2>([^<]+)</h2>')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def names(who: FlaskClient, url: str) -> list[str]:
    """The names on a page of the list."""
    return NAME.findall(who.get(url).text)


def test_people_are_found_by_name_login_organ_and_title(county: County, keeper: Keeper) -> None:
    who = keeper("system_admin")
    assert names(who, "/people?q=周明") == ["周明远"]
    assert names(who, "/people?q=ZHOU") == ["周明远"]
    assert sorted(names(who, "/people?q=东沟村")) == ["周明远", "孙志强"]
    assert names(who, "/people?q=东沟村 志强") == ["孙志强"]
    assert names(who, "/people?q=%25") == [] and "没有找到符合条件的用户" in words_of(who.get("/people?q=%25").text)


def test_a_role_and_a_place_are_those_of_one_post_that_is_not_over(county: County, keeper: Keeper) -> None:
    who, liuhe = keeper("security_admin"), f"a{county.areas['liuhe']}"
    assert set(names(who, f"/grants?place={liuhe}&role=head")) == {"陈立新", "何敏", "丁凯", "周明远", "冯国庆"}
    assert names(who, f"/grants?place={county.organs['shimen_branch']}") == ["石大山"]
    county.database.write(
        lambda store: end(store, grant_id=list_grants(store, county.people["shi"])[0]["id"], today=local_day(NOW))
    )
    assert names(who, f"/grants?place={county.organs['shimen_branch']}") == []
    assert "石大山" in names(who, "/grants?q=石大山")


def test_every_account_is_on_one_page_of_the_list(county: County, keeper: Keeper) -> None:
    who, found, url = keeper("system_admin"), list[str](), "/people"
    while url:
        told = who.get(url).text
        assert len(NAME.findall(told)) <= PER_PAGE
        found += NAME.findall(told)
        onward = NEXT.search(told)
        url = unescape(onward[1]) if onward else ""
    assert sorted(found) == sorted([name for _login, name, *_rest in PEOPLE] + ["管理员"])


def test_an_act_leads_back_to_the_people_it_was_done_among(county: County, keeper: Keeper) -> None:
    who = keeper("system_admin")
    answer = post(who, "/people?q=周明远", f"/people/{county.people['zhou']}/email?q=周明远", {"email": "zhou@anlan.example"})
    assert answer.status_code == 303
    assert names(who, answer.headers["Location"]) == ["周明远"]
    made = post(who, "/people", "/people", {"login": "zz.last", "name": "最后一个"})
    assert NAME.findall(made.text) == ["最后一个"] and "一次性口令" in words_of(made.text)
    refused = post(who, "/people", "/people", {"login": "zz.last", "name": "又一个"})
    assert refused.status_code == 409 and 'value="又一个"' in refused.text


def test_what_is_done_to_an_account_is_on_the_trail_with_who_did_it(county: County, keeper: Keeper) -> None:
    who, zhou = keeper("system_admin"), county.people["zhou"]
    assert post(who, "/people", "/people", {"login": "liuxin", "name": "刘新"}).status_code == 200
    assert post(who, "/people", f"/people/{zhou}/email", {"email": "zhou@anlan.example"}).status_code == 303
    assert post(who, "/people", f"/people/{zhou}/password", {}).status_code == 200
    assert post(who, "/people", f"/people/{zhou}/disable", {}).status_code == 303
    facts = [json.loads(row["facts"]) for row in rows_of(county, Trail, action="account") if row["actor_id"]]
    new = max(row["id"] for row in rows_of(county, Person))
    assert [one["what"] for one in facts] == [
        f"new account {new}",
        f"one-time password for {new}",
        f"address of {zhou}",
        f"one-time password for {zhou}",
        f"{zhou} disabled",
    ]
    assert {one["actor"] for one in facts} == {county.people["system_admin"]}
    assert "zhou@" not in "".join(one["what"] for one in facts)
