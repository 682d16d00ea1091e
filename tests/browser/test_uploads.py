"""Photographs and files from a phone: shown with their size, sent in parts, going on after a break of the network or the page."""

from __future__ import annotations

import base64
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests import hours
from tests.browser.served import PHONE, Site, sign_in
from tests.factories import County, vault_of
from tests.workflow.looking import rows_of
from workflow import files
from workflow.models import Evidence, StoredFile

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.7\n" + random.Random(5).randbytes(900_000)
# Makes a photograph of so many pixels that it has many megabytes: noise does not pack.
NOISE = """async (side) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d");
  const picture = context.createImageData(side, side);
  for (let i = 0; i < picture.data.length; i += 65536) crypto.getRandomValues(picture.data.subarray(i, i + 65536));
  context.putImageData(picture, 0, 0);
  const url = canvas.toDataURL("image/jpeg", 0.95);
  return url.slice(url.indexOf(",") + 1);
}"""


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 works on."""
    return county.supervised_item(hours.now() - timedelta(minutes=30))


def choose(page: Page, *chosen: tuple[str, bytes]) -> None:
    """Chooses files in the village's box."""
    payloads: list[Any] = [{"name": name, "mimeType": "", "buffer": body} for name, body in chosen]
    page.get_by_label("照片或文件").set_input_files(payloads)


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="保存进展").click()


def stored(county: County, home: Path) -> dict[str, bytes]:
    """The bytes of each file that is evidence, by its name."""
    found = {}
    for row in rows_of(county, StoredFile):
        with files.open_file(vault_of(home), row) as opened:
            found[row["name"]] = opened.read()
    return found


def test_an_upload_that_is_cut_off_goes_on_where_it_was(served: Site, county: County, home: Path, item: int) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    sent: list[str] = []

    def cut_off(route: Route) -> None:
        """The third and fourth part do not get through."""
        sent.append(route.request.url)
        if len(sent) in (3, 4):
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*?offset=*", cut_off)
    choose(page, ("整改情况.pdf", PDF), ("公示.txt", "已公示".encode()))
    lines = page.locator("[data-file-list] li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("整改情况.pdf")
    expect(lines.first).to_contain_text("0.9兆")
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert stored(county, home) == {"整改情况.pdf": PDF, "公示.txt": "已公示".encode()}
    assert [url.split("offset=")[1] for url in sent] == ["0", "262144", "524288", "524288", "524288", "786432", "0"]
    assert len(rows_of(county, Evidence, case_id=item)) == 2
    expect(page.locator("[data-file-list] li")).to_have_count(0)


def test_a_long_film_is_few_requests_and_one_that_comes_too_fast_waits(
    served: Site, county: County, home: Path, item: int
) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    sent: list[int] = []

    def too_fast(route: Route) -> None:
        """The tenth part comes too early, as on a quick network it may."""
        sent.append(int(route.request.url.split("offset=")[1]))
        if len(sent) == 10:
            route.fulfill(status=429, json={"title": "点得太快了，这一次没有办", "why": ["1秒后再试。"]})
        else:
            route.continue_()

    page.route("**/uploads/*?offset=*", too_fast)
    film = PDF + random.Random(6).randbytes(12_000_000)
    choose(page, ("整改情况.pdf", film))
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert stored(county, home) == {"整改情况.pdf": film}
    assert len(sent) == 41 and sent[9] == sent[10] and sorted(sent) == sent


def test_a_page_that_is_opened_again_goes_on_with_what_was_chosen(served: Site, county: County, home: Path, item: int) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    page.route("**/uploads/*?offset=524288", lambda route: route.abort("internetdisconnected"))
    choose(page, ("整改情况.pdf", PDF))
    page.get_by_label("写进展").fill("已公开")
    hand_in(page)
    expect(page.get_by_text("网络断了，已传的不会丢，恢复后接着传")).to_be_visible()
    page.unroute("**/uploads/*?offset=524288")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.goto(f"/village/{item}")
    expect(page.locator("[data-file-list] li")).to_contain_text("上次选的，还没有上传")
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert [url.split("offset=")[1] for url in sent] == ["524288", "786432"]
    assert stored(county, home) == {"整改情况.pdf": PDF}


def test_chosen_files_are_shown_to_nobody_else_on_the_same_device(served: Site, item: int) -> None:
    context = served.stranger(viewport=PHONE)
    page = context.new_page()
    sign_in(page, "zhou", served.password("zhou"))
    page.goto(f"/village/{item}")
    choose(page, ("整改情况.pdf", PDF))
    lines = page.locator("[data-file-list] li")
    expect(lines).to_have_count(1)
    context.clear_cookies()
    sign_in(page, "sun", served.password("sun"))
    page.goto(f"/village/{item}")
    expect(page.get_by_label("照片或文件")).to_be_attached()
    expect(lines).to_have_count(0)
    context.clear_cookies()
    sign_in(page, "zhou", served.password("zhou"))
    page.goto(f"/village/{item}")
    expect(lines).to_have_count(1)
    page.locator("details.who summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in")
    sign_in(page, "zhou", served.password("zhou"))
    page.goto(f"/village/{item}")
    expect(page.get_by_label("照片或文件")).to_be_attached()
    expect(lines).to_have_count(0)


def test_a_photograph_of_many_megabytes_is_made_smaller_on_the_phone_and_says_so(
    served: Site, county: County, home: Path, item: int
) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    photograph = base64.b64decode(page.evaluate(NOISE, 3000))
    assert len(photograph) > 5_000_000
    page.get_by_label("照片或文件").set_input_files({"name": "公开栏.jpg", "mimeType": "image/jpeg", "buffer": photograph})
    expect(page.locator("[data-file-list] li")).to_contain_text("缩小到")
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    kept = stored(county, home)["公开栏.jpg"]
    assert kept[:3] == b"\xff\xd8\xff" and len(kept) < len(photograph)


def test_what_cannot_be_sent_is_named_and_stands_in_the_way_until_it_is_removed(
    served: Site, county: County, item: int
) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    choose(page, ("空.pdf", b""), ("整改情况.pdf", PDF))
    expect(page.locator("[data-file-list] li").first).to_contain_text("文件是空的")
    hand_in(page)
    expect(page.get_by_text("先移除不能上传的文件")).to_be_visible()
    page.get_by_role("button", name="移除 空.pdf").click()
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert [row["name"] for row in rows_of(county, StoredFile)] == ["整改情况.pdf"]


def test_without_a_script_the_form_carries_the_files_itself(served: Site, county: County, home: Path, item: int) -> None:
    page = served.person("zhou", viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"/village/{item}")
    choose(page, ("整改情况.pdf", PDF))
    page.get_by_label("写进展").fill("已公开")
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert stored(county, home) == {"整改情况.pdf": PDF}


def test_a_file_that_is_refused_is_named_and_the_others_need_not_be_chosen_again(
    served: Site, county: County, home: Path, item: int
) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    choose(page, ("公示栏.pdf", PDF), ("照片.png", b"MZ" + b"0" * 100))
    page.get_by_label("写进展").fill("已公开一半")
    hand_in(page)
    expect(page.get_by_role("alert")).to_contain_text("“照片.png”：")
    expect(page.get_by_label("写进展")).to_have_value("已公开一半")
    expect(page.get_by_role("checkbox", name="公示栏.pdf")).to_be_checked()
    expect(page.locator(".file-list li")).to_have_count(1)
    hand_in(page)
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert list(stored(county, home)) == ["公示栏.pdf"]
    page.context.close()
