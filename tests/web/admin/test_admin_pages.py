"""The pages of the administrators and of health: rubbish gets a sentence, nothing breaks for the others, nobody sees too much."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import SQLModel

from tests import hours
from tests.factories import County
from tests.web.admin.conftest import Keeper
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row
from web.messages import render
from web.wiring import shipped_titles
from workflow.dates import local_day
from workflow.models import ImportRun, Note, Notice, Outbox
from workflow.people import accounts, grants, proposals
from workflow.people.actors import find_person
from workflow.store import Store
from workflow.text import canonical

NOW = hours.now()


def put(county: County, model: type[SQLModel], **row: Any) -> None:
    """Inserts a row that no page can make."""
    county.database.write(lambda store: store.insert(model, [row]))


def an_import(county: County, **more: Any) -> int:
    """An import run that has adopted nothing."""
    row = {"digest": "d", "name": "旧台账.xlsx", "mapping": "", "ladder": "off", "started_at": NOW, "started_by": None, **more}

    def work(store: Any) -> int:
        import_id = int(store.new_ids(ImportRun, 1)[0])
        store.insert(ImportRun, [{"id": import_id, **row}])
        return import_id

    return county.database.write(work)


# ---- health ---------------------------------------------------------------------------------------------------------------


def test_health_tells_why_a_message_was_given_up_in_words(county: County, client: Client) -> None:
    told = {"key": "k", "channel": "smtp", "message": "calendar_changed", "params": "{}", "case_id": None, "attempts": 8}
    times = {"created_at": NOW, "due_at": NOW, "gave_up_at": NOW}
    put(county, Outbox, **told, **times, person_id=county.people["lin"], reason="no_address")
    answer = client("lin").get("/health")
    assert answer.status_code == 200
    assert "没有邮箱地址" in words_of(answer.text)


def test_health_shows_no_text_of_an_exception(county: County, client: Client) -> None:
    body = canonical({"why": "IntegrityError: 张三 350102"})
    put(county, Note, at=NOW, kind="postponed", case_id=None, actor_id=None, body=body)
    answer = client("lin").get("/health")
    assert answer.status_code == 200
    assert "IntegrityError" not in answer.text


def test_health_names_what_the_night_found(county: County, client: Client) -> None:
    body = canonical({"check": "clocks", "case_id": 7, "clock": "rectify", "kind": "due"})
    put(county, Note, at=NOW, kind="self_check", case_id=None, actor_id=None, body=body)
    told = words_of(client("lin").get("/health").text)
    assert "期限与历史不符" in told
    assert "第7件" in told


def test_health_says_of_a_check_that_broke_that_it_was_not_finished(county: County, client: Client) -> None:
    body = canonical({"check": "clocks", "error": "KeyError"})
    put(county, Note, at=NOW, kind="self_check", case_id=None, actor_id=None, body=body)
    answer = client("lin").get("/health").text
    assert "有一项核对出错，没有做完" in words_of(answer)
    assert "期限与历史不符" not in words_of(answer) and "KeyError" not in answer


def test_bodies_without_people_are_told_to_those_who_can_mend_it(county: County, client: Client, keeper: Keeper) -> None:
    county.supervised_item(NOW - timedelta(days=1))
    who = keeper("security_admin")
    grant = county.database.read(lambda store: grants.list_grants(store, county.people["zhou"]))[0]
    other = county.database.read(lambda store: grants.list_grants(store, county.people["sun"]))[0]
    for one in (grant, other):
        assert post(who, "/grants", f"/grants/{one['id']}/end", {}).status_code == 303
    told = "有在办事项而无人任职的机构"
    assert told in words_of(who.get("/health").text)
    assert told not in words_of(client("han").get("/health").text)


def test_metrics_are_for_the_machine_itself(app: Flask) -> None:
    assert app.test_client().get("/metrics").status_code == 200
    assert app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.2"}).status_code == 404


# ---- calendar -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1, 2000, 2100, 99999])
def test_any_year_can_be_asked_for(keeper: Keeper, year: int) -> None:
    who = keeper("system_admin")
    assert who.get(f"/calendar?year={year}").status_code == 200
    told = {"year": year, "holidays": "", "makeups": ""}
    assert post(who, "/calendar", "/calendar", told).status_code < 500


def test_a_corrected_year_is_previewed_then_proposed_and_kept_when_another_keeper_has_agreed(keeper: Keeper) -> None:
    who, other = keeper("system_admin"), keeper("workflow_admin")
    told = {"year": "2027", "holidays": "元旦：1月1日", "makeups": "", "note": "国办发明电"}
    assert post(who, "/calendar", "/calendar", told).status_code == 200
    made = post(who, "/calendar", "/calendar", {**told, "confirmed": "1"})
    assert made.status_code == 303
    page = made.headers["Location"]
    assert "元旦：1月1日" not in who.get("/calendar?year=2027").text
    assert "放假·元旦：新增“2027年1月1日”" in words_of(other.get(page).text)
    assert post(who, page, f"{page}/decide", {"granted": "yes"}).status_code == 403
    assert post(other, page, f"{page}/decide", {"granted": "yes"}).status_code == 303
    assert "元旦：1月1日" in who.get("/calendar?year=2027").text


def test_a_year_without_the_notice_it_follows_is_not_proposed(keeper: Keeper) -> None:
    told = {"year": "2027", "holidays": "元旦：1月1日", "makeups": "", "confirmed": "1"}
    answer = post(keeper("system_admin"), "/calendar", "/calendar", told)
    assert "写明理由" in words_of(answer.text)


def test_dates_of_the_calendar_are_written_as_people_write_them(keeper: Keeper) -> None:
    assert not re.search(r"20\d\d-\d\d-\d\d", words_of(keeper("system_admin").get("/calendar?year=2026").text))


def test_the_calendar_opens_at_todays_month_with_the_whole_year_below(client: Client) -> None:
    here = local_day(NOW)
    page = client("lin").get("/calendar").text
    assert re.search(rf'id="month"><header class="panel-head"><h2>{here.month}月</h2>', page)
    assert [int(n) for n in re.findall(r'id="month-(\d+)"', page)] == list(range(1, 13))
    # Today is marked where its month stands alone, and in its year.
    assert re.findall(r'aria-current="date"[^>]*>(\d+)', page) == [str(here.day)] * 2


def test_one_month_follows_another_over_the_years_end(client: Client) -> None:
    page = client("lin").get("/calendar?year=2026&month=12").text
    assert "<h2>12月</h2>" in page and "year=2026&amp;month=11" in page and "year=2027&amp;month=1" in page
    assert "下个月" not in words_of(client("lin").get("/calendar?year=2100&month=12").text)
    october = words_of(client("lin").get("/calendar?year=2026&month=10").text)
    assert "国庆节" in october and "10月1日至10月7日" in october and "工作日18天" in october


@pytest.mark.parametrize("month", ["0", "13", "x", "999999999999999999999"])
def test_any_month_can_be_asked_for(client: Client, month: str) -> None:
    assert client("lin").get(f"/calendar?month={month}").status_code == 200


def test_only_its_keepers_change_the_calendar(client: Client) -> None:
    assert post(client("lin"), "/tokens", "/calendar", {"year": "2026"}).status_code == 404


# ---- organisations and people ---------------------------------------------------------------------------------------------


def test_an_unknown_kind_of_body_does_not_come_in(county: County, keeper: Keeper) -> None:
    who, told = keeper("system_admin"), {"area": county.areas["liuhe"], "kind": "nonsense", "name": "某单位"}
    assert post(who, "/organisations", "/organisations/organs", told).status_code == 400
    assert "某单位" not in words_of(who.get("/organisations").text)


def test_there_is_one_county(keeper: Keeper) -> None:
    told = {"level": "county", "name": "另一县"}
    assert post(keeper("system_admin"), "/organisations", "/organisations/areas", told).status_code == 400


def names_of(page: str) -> list[str]:
    """The areas and organs of the page, in its order."""
    return re.findall(r'(?:<h2>|<span class="line-words">)([^<]+)<', page)


def test_townships_stand_in_the_order_of_the_numbers(county: County, keeper: Keeper) -> None:
    who, url = keeper("system_admin"), f"/organisations/areas/{county.areas['county']}/areas"
    liuhe, qingshi = county.areas["liuhe"], county.areas["qingshi"]
    assert post(who, "/organisations", url, {f"place/{liuhe}": "2", f"place/{qingshi}": "1"}).status_code == 303
    names = names_of(who.get("/organisations").text)
    assert names.index("青石镇") < names.index("石门村") < names.index("柳河镇") < names.index("东沟村")


def test_organs_stand_in_the_order_of_the_numbers(county: County, keeper: Keeper) -> None:
    who, area_id = keeper("system_admin"), county.areas["liuhe"]
    places = {"liuhe_finance": "1", "liuhe_party": "5", "liuhe_discipline": "5"}
    told = {f"place/{county.organs[key]}": place for key, place in places.items()}
    assert post(who, "/organisations", f"/organisations/areas/{area_id}/organs", told).status_code == 303
    names = names_of(who.get("/organisations").text)
    assert [name for name in names if name.startswith("柳河镇")] == ["柳河镇", "柳河镇财政所", "柳河镇党委", "柳河镇纪委"]


@pytest.mark.parametrize("place", ["", "二", "-1", "1.5", "99999"])
def test_a_place_that_is_no_number_changes_nothing(county: County, keeper: Keeper, place: str) -> None:
    who, url = keeper("system_admin"), f"/organisations/areas/{county.areas['county']}/areas"
    before = names_of(who.get("/organisations").text)
    told = {f"place/{county.areas['liuhe']}": place, f"place/{county.areas['qingshi']}": "1"}
    answer = post(who, "/organisations", url, told)
    assert answer.status_code == 400
    assert "次序要写成数字" in words_of(answer.text)
    assert names_of(who.get("/organisations").text) == before


@pytest.mark.parametrize("verb", ["change", "areas", "organs"])
def test_only_the_system_administrator_changes_areas(county: County, client: Client, verb: str) -> None:
    url = f"/organisations/areas/{county.areas['donggou']}/{verb}"
    assert post(client("lin"), "/tokens", url, {"name": "某村"}).status_code == 404
    assert "/rename" not in client("lin").get("/organisations").text


def holder_of(county: County, case_id: int) -> int:
    """Who handles the case."""
    return int(case_row(county, case_id)["holder_id"])


def test_an_address_is_given_with_the_account_and_changed_later(county: County, keeper: Keeper) -> None:
    who, told = keeper("system_admin"), {"login": "wang", "name": "王磊"}
    assert post(who, "/people", "/people", {**told, "email": "wang@anlan.example"}).status_code == 200
    person = find(county, "wang")
    assert person["email"] == "wang@anlan.example"
    assert "wang@anlan.example" in words_of(who.get("/people").text)
    for address, kept in ((" 王磊@安澜.example ", "王磊@安澜.example"), ("", "")):
        assert post(who, "/people", f"/people/{person['id']}/email", {"email": address}).status_code == 303
        assert find(county, "wang")["email"] == kept


@pytest.mark.parametrize(
    "address", ["wang", "wang@", "王磊 <wang@anlan.example>", "a@b.example,c@d.example", "<wang@anlan.example>"]
)
def test_what_is_no_address_is_said_so_and_not_kept(county: County, keeper: Keeper, address: str) -> None:
    who = keeper("system_admin")
    for url, told in (("/people", {"login": "wang", "name": "王磊"}), (f"/people/{county.people['lin']}/email", {})):
        answer = post(who, "/people", url, {**told, "email": address})
        assert answer.status_code == 400
        assert "邮箱写得不对" in words_of(answer.text)
    assert find(county, "lin")["email"] == ""
    assert county.database.read(lambda store: find_person(store, "wang")) is None


def find(county: County, login: str) -> Any:
    """The account of a login."""
    return county.database.read(lambda store: find_person(store, login))


def test_a_post_ends_with_yesterday(county: County, keeper: Keeper) -> None:
    who, person_id = keeper("security_admin"), county.people["han"]
    grant = county.database.read(lambda store: grants.list_grants(store, person_id))[0]
    assert post(who, "/grants", f"/grants/{grant['id']}/end", {}).status_code == 303
    ended = county.database.read(lambda store: grants.list_grants(store, person_id))[0]
    assert ended["until"] == local_day(NOW) - timedelta(1)


def test_a_post_is_proposed_by_one_and_counts_in_an_open_session_with_the_others_yes(
    county: County, keeper: Keeper, client: Client
) -> None:
    who, second, sun = keeper("security_admin"), keeper("system_admin"), client("sun")
    case_id = county.open_item(NOW, subject="xitou_branch")
    assert sun.get(f"/cases/{case_id}").status_code == 404
    told = {"role": "handler", "organ": county.organs["office"], "ceiling": 1, "until": "2999-12-31", "reason": "借调"}
    assert post(who, "/grants", f"/people/{county.people['sun']}/grants", told).status_code == 303
    assert "等第二人同意的授权" in words_of(who.get("/grants").text)
    assert "借调" in words_of(second.get("/people").text)
    (waits,) = county.database.read(lambda store: proposals.list_waiting(store, now=hours.now()))
    address = f"/grants/proposals/{waits['id']}/decide"
    assert post(who, "/grants", address, {"word": "yes"}).status_code == 403
    told_no = post(sun, "/factors", address, {"word": "yes"})
    assert words_of(told_no.text) == words_of(sun.get("/cases/999999").text)
    assert sun.get(f"/cases/{case_id}").status_code == 404
    assert post(second, "/people", address, {"word": "yes"}).status_code == 303
    assert sun.get(f"/cases/{case_id}").status_code == 200, "the session that was open all the while"
    grant = county.database.read(lambda store: grants.list_grants(store, county.people["sun"]))[-1]
    assert grant["until"] == date(2999, 12, 31)
    assert post(who, "/grants", f"/grants/{grant['id']}/end", {}).status_code == 303
    assert sun.get(f"/cases/{case_id}").status_code == 404, "taken away by one, at once"


def test_a_day_that_is_none_gives_no_post(county: County, keeper: Keeper) -> None:
    told = {"role": "handler", "organ": county.organs["office"], "ceiling": 2, "until": "11月31日", "reason": "借调三个月"}
    answer = post(keeper("security_admin"), "/grants", f"/people/{county.people['sun']}/grants", told)
    assert answer.status_code == 400
    assert "日期不能识别" in words_of(answer.text)
    assert 'value="11月31日"' in answer.text, "what was typed stays"
    assert 'value="借调三个月"' in answer.text


def test_the_three_administrators_stay_three(county: County, keeper: Keeper) -> None:
    told = {"role": "system_admin", "organ": county.organs["office"], "ceiling": 1}
    answer = post(keeper("security_admin"), "/grants", f"/people/{county.people['lin']}/grants", told)
    assert answer.status_code == 409
    assert "三个管理员须由三个人担任" in words_of(answer.text)


def test_the_page_of_people_asks_no_more_for_more_people(
    county: County, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, asked = keeper("security_admin"), []
    for name in ("rows", "row", "select"):
        original = getattr(Store, name)
        monkeypatch.setattr(Store, name, lambda *told, _do=original, **more: (asked.append(1), _do(*told, **more))[1])

    def statements() -> int:
        asked.clear()
        assert who.get("/grants").status_code == 200
        return len(asked)

    statements()  # the first look also reads what is kept between requests
    before = statements()
    for n in range(5):
        person_id = county.database.write(
            lambda store, n=n: accounts.create_person(store, login=f"new{n}", name=f"新人{n}", now=NOW)
        )
        county.database.write(
            lambda store, one=person_id: grants.give(
                store, person_id=one, role="handler", organ_id=county.organs["bureau"], today=local_day(NOW)
            )
        )
    statements()
    assert statements() == before
    told = words_of(who.get("/grants").text)
    assert told.count("县农业农村局 · ") == 6


# ---- imports --------------------------------------------------------------------------------------------------------------


def test_imports_are_for_those_who_may(county: County, client: Client) -> None:
    import_id = an_import(county)
    assert client("han").get("/imports").status_code == 404
    assert post(client("han"), "/tokens", f"/imports/{import_id}/withdraw", {"reason": "x"}).status_code == 404
    assert post(client("han"), "/tokens", f"/imports/{import_id}/switch-on", {}).status_code == 404


def test_an_import_is_withdrawn_with_a_reason(county: County, client: Client) -> None:
    import_id, lin = an_import(county), client("lin")
    assert post(lin, "/imports", f"/imports/{import_id}/withdraw", {"reason": " "}).status_code == 422
    assert post(lin, "/imports", f"/imports/{import_id}/withdraw", {"reason": "选错文件"}).status_code == 303
    assert "已撤回" in words_of(lin.get("/imports").text)


def test_the_ladders_of_a_withdrawn_import_stay_off(county: County, client: Client) -> None:
    lin, import_id = client("lin"), an_import(county, withdrawn_at=NOW)
    assert lin.get("/imports").status_code == 200
    assert post(lin, "/tokens", f"/imports/{import_id}/switch-on", {}).status_code == 409
    assert post(lin, "/tokens", "/imports/999/switch-on", {}).status_code == 404


# ---- notices, signing in, tokens ------------------------------------------------------------------------------------------


def test_a_line_of_a_notice_leads_to_its_own_case(county: County, client: Client) -> None:
    first, second = county.open_item(NOW), county.open_item(NOW, title="第二")
    lines = [{"number": "甲1"}, {"number": "甲1", "count": 2}, {"number": "乙2"}]
    told = {"message": "overdue", "params": canonical(lines), "cases": canonical([first, second]), "created_at": NOW}
    put(county, Notice, key="n", person_id=county.people["lin"], **told)
    assert "甲1" in render(shipped_titles(), "overdue", lines[0], "zh-Hans")
    links = re.findall(r'href="/cases/(\d+)">([^<]*)<', client("lin").get("/notices").text)
    assert all(("甲1" in sentence) == (int(case_id) == first) for case_id, sentence in links)


def test_a_refused_sign_in_keeps_the_login_and_not_the_password(app: Flask) -> None:
    answer = post(app.test_client(), "/sign-in", "/sign-in", {"login": "lin", "password": "wrong-word"})
    assert 'value="lin"' in answer.text
    assert "wrong-word" not in answer.text


def test_whoever_tries_too_fast_is_told_how_many_seconds_to_wait(app: Flask) -> None:
    who, told = app.test_client(), {"login": "lin", "password": "wrong-word"}
    answers = [post(who, "/sign-in", "/sign-in", told) for _ in range(5)]
    assert answers[-1].status_code == 429
    said = words_of(answers[-1].text)
    assert re.search(r"\b\d{1,2}秒后再试。", said)
    assert "分钟后" not in said


def test_two_different_new_passwords_are_named(client: Client) -> None:
    told = {"old": "a", "new": "bbbbbbbbbbbb", "again": "c"}
    assert "两次填的不一样" in words_of(post(client("lin"), "/password", "/password", told).text)


def test_the_token_of_somebody_else_is_absent(client: Client) -> None:
    post(client("lin"), "/tokens", "/tokens", {"label": "甲"})
    assert post(client("han"), "/tokens", "/tokens/1/end", {}).status_code == 404
