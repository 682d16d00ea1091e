"""The controls of docs/security.md taken out one by one, in a copy of the checkout: the test that is named for each must fail.

`make test` takes one out and holds the list true: what would be taken out is there, and so is the test that misses it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.drills.scale import size, tell
from tests.house.mutants import LEFT_BEHIND, ROOT


@dataclass(frozen=True)
class Control:
    """One requirement, the words of a file that keep it, what stands there without it, and the test that notices."""

    requirement: str
    file: str
    words: str
    without: str
    test: str


CONTROLS = (
    Control(
        "R4",
        "workflow/people/sign_in.py",
        "    if not passwords.is_right(password, stored):",
        "    if stored is None or not passwords.is_right(password, stored):",
        "tests/workflow/people/test_sign_in.py::test_unknown_wrong_disabled_and_without_a_password_are_one_answer_and_one_verification",
    ),
    Control(
        "R5",
        "workflow/people/sign_in.py",
        "        _sign_in.c.ended_at.is_(None),\n",
        "",
        "tests/web/session/test_sessions.py::test_a_session_that_ended_is_dead_in_another_process_with_its_next_request",
    ),
    Control(
        "R9",
        "workflow/people/grants.py",
        "    _require_separation(store, person_id, role, today, since, until)\n\n",
        "\n",
        "tests/workflow/people/test_grants.py::test_an_administrator_holds_nothing_else_and_nobody_else_becomes_one",
    ),
    Control(
        "R10",
        "workflow/people/proposals.py",
        "    if not takes_back and not may_decide(store, by, found, today):",
        "    if False:",
        "tests/workflow/people/test_proposals.py::test_neither_administrator_gives_anything_alone_nor_to_himself",
    ),
    Control(
        "R12",
        "web/access.py",
        '    if request.endpoint in current_app.extensions["duban_fresh"]:',
        "    if False:",
        "tests/web/session/test_step_up.py::test_without_a_fresh_proof_a_sensitive_address_asks_for_one_and_does_nothing",
    ),
    Control(
        "R13",
        "workflow/permissions.py",
        "    return and_(or_(false(), *scopes), hidden)",
        "    return hidden",
        "tests/workflow/reads/test_ledger.py",
    ),
    Control(
        "R20",
        "workflow/permissions.py",
        "            yield and_(stands, _is_of(list(rules), relation), *kept, CASES.c.level <= grant.ceiling)",
        "            yield and_(stands, _is_of(list(rules), relation), *kept)",
        "tests/workflow/test_levels.py::test_a_raised_level_takes_the_case_from_every_post_below_it_at_once",
    ),
    Control(
        "R21",
        "workflow/permissions.py",
        ", _is_in_the_know(actor), not_(_is_barred(actor)))",
        ", _is_in_the_know(actor))",
        "tests/workflow/test_circle.py::test_a_recusal_is_lifted_by_two_people_and_the_person_sees_the_case_again",
    ),
    Control(
        "R22",
        "workflow/handing_on.py",
        '        or_(_file.c.digest == bindparam("sha256"), _file.c.sha256 == bindparam("sha256")),',
        '        or_(_file.c.name == bindparam("sha256"), _file.c.sha256 == bindparam("sha256")),',
        "tests/workflow/test_handing_on.py::test_a_paper_of_a_clue_goes_on_no_case_that_its_subject_reads",
    ),
    Control(
        "R22",
        "workflow/handing_on.py",
        '        take_off(desk.context, file, off.persons - here.persons, off.organs - here.organs, "按规定回避")',
        "        del here",
        "tests/workflow/test_handing_on.py::test_where_nobody_who_is_off_reads_it_they_never_will",
    ),
    Control(
        "R27",
        "workflow/permissions.py",
        '    if "work" in rules and actor.person_id in worked.persons:',
        "    if False:",
        "tests/shipped/every/test_clue.py",
    ),
    Control(
        "R33",
        "handlers/ledgers/plain_text.py",
        "    return GUARD + text if text.startswith(_DANGEROUS) else text",
        "    return text",
        "tests/handlers/ledgers/test_export.py::test_a_csv_cell_never_begins_with_what_a_spreadsheet_would_run",
    ),
    Control(
        "R42",
        "web/security.py",
        '        response.headers["Cache-Control"] = "no-store"\n',
        "",
        "tests/web/test_every_answer.py::test_no_answer_is_kept_by_a_cache_and_each_differs_by_cookie",
    ),
    Control(
        "R45",
        "workflow/sealing/ciphers.py",
        "place.encode()",
        "bytes()",
        "tests/workflow/test_sealing.py::test_a_secret_moved_to_another_place_does_not_open_and_is_noted",
    ),
    Control(
        "R54",
        "workflow/history.py",
        "    return digest(suite, prev, facts)",
        '    return digest(suite, "", facts)',
        "tests/workflow/test_verifier.py::test_a_clean_ledger_gives_no_false_alarm_in_any_form",
    ),
    Control(
        "R63",
        "workflow/keys.py",
        '    if row["digest"] != asked.digest:',
        "    if False:",
        "tests/workflow/test_fire.py::test_the_same_key_gives_the_stored_answer_and_another_request_under_it_is_refused",
    ),
    Control(
        "R64",
        "workflow/verbs/fire.py",
        '    if expected_version is not None and expected_version != file.row["version"]:',
        "    if False:",
        "tests/workflow/test_fire.py::test_a_stale_version_is_refused_and_nothing_is_written",
    ),
)
NAMES = [control.requirement for control in CONTROLS]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the checkout, with what is built in it."""
    place = tmp_path_factory.mktemp("removed") / "duban"
    shutil.copytree(ROOT, place, ignore=LEFT_BEHIND)
    yield place
    shutil.rmtree(place)


def run_test(copy: Path, named: str) -> int:
    """What pytest says of the test in the copy, on SQLite: 0 passed, 1 failed."""
    environment = {**os.environ, "DUBAN_TEST_DB": "sqlite", "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", named]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=600, check=False).returncode


@pytest.mark.parametrize("control", CONTROLS, ids=NAMES)
def test_what_is_taken_out_is_there_and_so_is_the_test_that_misses_it(control: Control) -> None:
    assert control.words in (ROOT / control.file).read_text(encoding="utf-8")
    file, _, test = control.test.partition("::")
    assert re.search(rf"^def {test or 'test_'}", (ROOT / file).read_text(encoding="utf-8"), re.M)
    assert re.search(rf"^\| {control.requirement} \|", (ROOT / "docs/security.md").read_text(encoding="utf-8"), re.M)


def test_each_control_that_is_taken_out_is_missed(copy: Path) -> None:
    unseen, taken_out = [], CONTROLS[-size(test=1, drill=len(CONTROLS)) :]
    for test in {control.test for control in taken_out}:
        assert run_test(copy, test) == 0, f"{test} fails with every control in its place"
    for control in taken_out:
        path = copy / control.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(control.words, control.without), encoding="utf-8")
        code = run_test(copy, control.test)
        unseen += [f"{control.requirement}: {code}"] if code != 1 else []
        path.write_text(whole, encoding="utf-8")
    assert not unseen
    tell(
        "controls taken out one by one",
        f"{len(CONTROLS)} of {len(CONTROLS)} missed by the test that is named for each: {', '.join(NAMES)}",
    )
