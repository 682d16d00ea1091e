"""A configuration goes from one installation to another in one file: as drafts and proposals, whole, and only once."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from handlers.settings.registry import SETTINGS
from states.errors import BadInput
from tests import hours
from tests.copies import Copies
from tests.factories import make_county
from tests.web.configuration.test_roles import INSTRUCTOR, with_instructor
from tests.web.hostile import HARMLESS_WORDS
from tests.web.site import post, signed_in, site, words_of
from tests.workflow.configuration.conftest import Desk, hire_security
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import hire
from web.configuration.bundles import brought_in, parts_of, whole_bundle
from web.designer.beginnings import skeleton
from web.wiring import Office
from workflow import definitions, occasions
from workflow.configuration import bundles
from workflow.configuration.kinds import SettingFaulty
from workflow.models import Draft, SettingVersion
from workflow.store import Store
from workflow.versions import drafts

NOW = hours.now()


class Place:
    """An installation with its four administrators."""

    def __init__(self, copies: Copies, home: Path) -> None:
        county = copies.of(make_county)
        hire(county)
        hire_security(county)
        self.desk = Desk(county)
        self.county = county
        self.office = Office(load({"DUBAN_HOME": str(home), "DUBAN_CEILING": "3"}), county.database, county.engine)

    def bundle(self) -> bytes:
        return whole_bundle(self.office, NOW)

    def take_in(self, source: bytes, who: str) -> dict[str, str]:
        """Brings a bundle in; name → what became of it, of what was not the same."""
        actor, parts = self.desk.admin(who), parts_of(self.office, source, NOW, "zh-Hans")
        found = brought_in(self.office, actor, parts, "照县里的办", NOW)
        return {part.name: part.status for part in found if part.status != "present"}

    def decide_all(self) -> None:
        """The other administrators agree to everything that waits, and every draft is made current."""
        self.county.engine.read(NOW, lambda _store, occasion: occasion.settings)
        for row in rows_of(self.county, SettingVersion):
            if row["granted"] is None:
                kind = SETTINGS[row["kind"]]
                self.desk.decide(kind, row["id"], by="bao" if "security_admin" in kind.roles else "kong", now=NOW)
        for row in rows_of(self.county, Draft):
            self.publish(row["source"])

    def publish(self, source: str) -> None:
        """Makes a text current: there are no cases yet."""

        def work(store: Store) -> None:
            definitions.publish(store, drafts.require_text(source).document, source=source, now=NOW)
            occasions.moved(store, "definitions")

        self.county.database.write(work)


@pytest.fixture
def places(copies: Copies, home: Path) -> Iterator[tuple[Place, Place]]:
    """Two installations, the first of which its county has made its own."""
    here, there = Place(copies, home), Place(copies, home)
    day = NOW - timedelta(days=1)
    texts = {"zh-Hans": "{number}已于{closed_on}销号。", "zh-Hant": "{number}於{closed_on}銷號。", "en": "{number} {closed_on}"}
    here.desk.change("message", "closed", lambda _data: texts, now=day)
    here.desk.change("letter", "circular", lambda data: data.update(title="关于{holder_short}的通报"), now=day)
    here.desk.change("letter_number", "circular", lambda data: data.update(pattern="巡通〔{year}〕{n}号"), now=day)
    here.desk.change(
        "evidence_label", "ledger_copy", lambda _data: {"zh-Hans": "台账复印件", "zh-Hant": "臺賬複印件", "en": "Copy"}, now=day
    )
    here.desk.change("ledger_words", "ledger", lambda data: data["clue_words"].append("举报"), now=day)
    here.desk.change(
        "calendar",
        "2027",
        lambda _data: {"year": 2027, "published": True, "holidays": {"元旦": ["2027-01-01"]}, "makeups": {}},
        now=day,
    )
    here.desk.change("role", "instructor", lambda _data: INSTRUCTOR, now=day)
    here.publish(json.dumps(with_instructor(), ensure_ascii=False))
    yield here, there
    there.county.close()


CHANGED = {
    "definitions/rectification.yaml",
    "settings/calendar/2027.yaml",
    "settings/evidence_label/ledger_copy.yaml",
    "settings/ledger_words/ledger.yaml",
    "settings/letter/circular.yaml",
    "settings/letter_number/circular.yaml",
    "settings/message/closed.yaml",
}
ROLE = "settings/role/instructor.yaml"


def test_there_and_back_the_configuration_is_the_same_file_and_a_second_time_adds_nothing(places: tuple[Place, Place]) -> None:
    here, there = places
    source = here.bundle()
    assert source == here.bundle()
    assert source != there.bundle()
    first = there.take_in(source, "jiang")
    assert set(first) == CHANGED | {ROLE}
    assert first[ROLE] == "duty"
    assert {row["granted"] for row in rows_of(there.county, SettingVersion)} == {None}
    again = there.take_in(source, "jiang")
    assert again == {**dict.fromkeys(CHANGED, "waiting"), ROLE: "duty"}
    assert there.take_in(source, "an")[ROLE] == "new"
    assert len(rows_of(there.county, SettingVersion)) == len(CHANGED)
    assert len(rows_of(there.county, Draft)) == 1
    there.decide_all()
    assert there.bundle() == source
    assert there.take_in(source, "jiang") == {}
    assert here.take_in(there.bundle(), "jiang") == {}


def test_a_bundle_holds_no_people_no_organisations_and_no_cases(places: tuple[Place, Place]) -> None:
    here, _there = places
    here.county.supervised_item(NOW, title="不能带走的事")
    files = bundles.unpack(here.bundle())
    text = "\n".join(files.values())
    for word in ("林静", "东沟村", "jiang", "不能带走的事", "县里改了说法"):
        assert word not in text
    assert {name.split("/")[0] for name in files} == {"definitions", "settings"}


def test_what_another_change_waits_for_is_left_and_said(places: tuple[Place, Place]) -> None:
    here, there = places
    other = {"zh-Hans": "{number}销号。", "zh-Hant": "{number}銷號。", "en": "{number}"}
    there.desk.propose(SETTINGS["message"], "closed", other)
    assert there.take_in(here.bundle(), "jiang")["settings/message/closed.yaml"] == "blocked"


def rewritten(source: bytes, edit: Callable[[dict[str, str]], Any], *, manifest: Callable[[Any], Any] | None = None) -> bytes:
    """The bundle with its texts changed and packed anew, or its manifest changed as well."""
    files = bundles.unpack(source)
    edit(files)
    packed = bundles.pack(files)
    if manifest is None:
        return packed
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == bundles.MANIFEST:
                content = json.dumps(manifest(json.loads(content))).encode()
            new.writestr(entry, content)
    return target.getvalue()


def bomb(size: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("settings/message/closed.yaml", b"\0" * size)
    return target.getvalue()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda _b: b"%PDF-1.7", "bundle_unreadable"),
        (lambda b: b[: len(b) // 2], "bundle_unreadable"),
        (lambda _b: bomb(200 * 1024 * 1024), "bundle_too_large"),
        (lambda _b: bomb(10), "bundle_format"),
        (lambda b: b + b"\0" * (5 * 1024 * 1024), "bundle_too_large"),
        (lambda b: rewritten(b, lambda f: None, manifest=lambda m: {**m, "version": 9}), "bundle_format"),
        (lambda b: rewritten(b, lambda f: None, manifest=lambda m: {**m, "format": "zip"}), "bundle_format"),
        (lambda b: rewritten(b, lambda f: None, manifest=lambda m: {**m, "files": {}}), "bundle_digest"),
        (
            lambda b: rewritten(
                b, lambda f: None, manifest=lambda m: {**m, "files": {**m["files"], "settings/message/closed.yaml": "0"}}
            ),
            "bundle_digest",
        ),
        (lambda b: rewritten(b, lambda f: f.update({"people.yaml": "[]"})), "bundle_names"),
        (lambda b: rewritten(b, lambda f: f.update({"../../etc/passwd": "root"})), "bundle_names"),
        (lambda b: rewritten(b, lambda f: f.update({"settings/colour/red.yaml": "a: b"})), "bundle_names"),
        (lambda b: rewritten(b, lambda f: f.update({"settings/message/nothing.yaml": "a: b"})), "bundle_names"),
        (lambda b: rewritten(b, lambda f: f.pop(ROLE)), "bundle_unknown"),
        (lambda b: rewritten(b, lambda f: f.update({"definitions/rectification.yaml": "a: &x b\nc: *x"})), "bundle_names"),
        (
            lambda b: rewritten(b, lambda f: f.update({"definitions/other.yaml": f["definitions/rectification.yaml"]})),
            "bundle_names",
        ),
    ],
)
def test_what_is_no_bundle_of_ours_is_refused_before_anything_is_written(
    places: tuple[Place, Place], spoil: Callable[[bytes], bytes], why: str
) -> None:
    here, there = places
    with pytest.raises(BadInput) as refused:
        there.take_in(spoil(here.bundle()), "jiang")
    assert refused.value.params["why"] == why
    assert rows_of(there.county, SettingVersion) == []
    assert rows_of(there.county, Draft) == []


def test_a_definition_in_a_bundle_that_names_what_nobody_registered_is_refused_whole(places: tuple[Place, Place]) -> None:
    here, there = places
    source, name, text = here.bundle(), "definitions/visit.yaml", skeleton("visit", "走访")

    def bundle_with(definition: str) -> bytes:
        return rewritten(source, lambda f: f.update({name: definition}))

    assert name in {part.name for part in parts_of(there.office, bundle_with(text), NOW, "zh-Hans")}
    for sound, hostile in HARMLESS_WORDS:
        with pytest.raises(BadInput) as refused:
            there.take_in(bundle_with(text.replace(sound, hostile)), "jiang")
        assert (refused.value.params["why"], refused.value.params["file"]) == ("bundle_unknown", name), hostile
    assert rows_of(there.county, SettingVersion) == []
    assert rows_of(there.county, Draft) == []


def test_a_faulty_setting_in_a_bundle_is_refused_by_its_own_check(places: tuple[Place, Place]) -> None:
    here, there = places
    spoiled = rewritten(
        here.bundle(), lambda f: f.update({"settings/message/closed.yaml": "zh-Hans: '{a.b}'\nzh-Hant: c\nen: d\n"})
    )
    with pytest.raises(SettingFaulty):
        there.take_in(spoiled, "jiang")
    assert rows_of(there.county, SettingVersion) == []


def test_the_pages_show_what_differs_and_bring_it_in(places: tuple[Place, Place], home: Path) -> None:
    here, there = places
    first, second = site(here.county, home), site(there.county, home)
    taken = signed_in(first, here.county, "jiang", NOW).get("/configuration/bundle.zip")
    assert taken.status_code == 200
    who, page = signed_in(second, there.county, "jiang", NOW), "/configuration/bundle"

    def sent(content: bytes) -> Any:
        return post(who, page, page, {"file": (io.BytesIO(content), "配置包.zip")})

    assert "这不是配置包，或者已经损坏" in words_of(sent(b"x").text)
    looked = sent(taken.data)
    shown = words_of(looked.text)
    assert "准予销号" in shown
    assert "改为“{编号}已于{销号日期}销号。”" in shown
    assert rows_of(there.county, SettingVersion) == []
    word = looked.text.split('name="word" value="')[1].split('"')[0]
    assert "写明理由" in words_of(post(who, page, f"{page}/in", {"word": word, "reason": ""}).text)
    assert post(who, page, f"{page}/in", {"word": word, "reason": "照县里的办"}).status_code == 303
    assert len(rows_of(there.county, SettingVersion)) == len(CHANGED) - 1
    assert signed_in(second, there.county, "lin", NOW).get("/configuration/bundle.zip").status_code == 404
