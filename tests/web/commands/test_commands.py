"""The command line: every command has help, refusals are one sentence, exit codes are those of docs/cli.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest
from sqlalchemy import func, select

from config.settings import load
from handlers.ledgers.marks import find_in_file
from web.cli import COMMANDS, FOUND_FAULTS, REFUSED, USAGE, cli, main
from web.commands.demo import load_demo
from web.wiring import open_office
from workflow import exports, verifier
from workflow.dates import ZONE, local_day, local_time
from workflow.heartbeat import say_run
from workflow.models import AgendaItem, Case, Event, Notice
from workflow.people.actors import actor_of, find_person
from workflow.store import table_of

AGENDA, CASES, EVENTS = table_of(AgendaItem), table_of(Case), table_of(Event)
NOTICES = table_of(Notice)


def run(*arguments: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    assert COMMANDS[command][1].split(".")[0][:12] in capsys.readouterr().out


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(click.Context(command)):
        found = command.get_command(click.Context(command), name)
        assert found is not None
        yield from leaves(found, (*path, name))


@pytest.mark.parametrize(("path", "command"), list(leaves(cli)), ids=str)
def test_every_command_works_unattended_and_answers_in_json(path: tuple[str, ...], command: click.Command) -> None:
    options = {option for parameter in command.params for option in parameter.opts}
    assert options >= {"--yes", "--json"}, path


def test_an_unknown_command_is_a_usage_fault() -> None:
    assert run("no-such-command") == USAGE


def test_init_runs_twice_and_prints_a_set_up_link_that_replaces_the_last(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--yes", "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert run("init", "--yes", "--json") == 0
    second = json.loads(capsys.readouterr().out)
    assert first["published"] == second["published"]
    assert first["setup"].startswith("/setup/")
    assert first["setup"] != second["setup"]
    assert (home / "duban.db").exists()


def test_the_doctor_tells_what_the_last_night_found_and_the_self_test_looks_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("seed", "--cases", "20", "--json") == 0
    assert run("tick", "--json") == 0
    for found, code in ((2, FOUND_FAULTS), (0, 0)):
        with closing(open_office(load({"DUBAN_HOME": str(home)}))) as office:
            say_run(office.database, "nightly", {"visibility": found, "failed": found, "rules": 1}, datetime.now(UTC))
        capsys.readouterr()
        assert run("doctor") == code
        said = capsys.readouterr().out
        assert ("权限自查发现2处不一致" in said) == ("昨夜的核对有2项出错" in said) == bool(found)
    assert run("self-test", "--people", "3", "--cases", "20", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "people": 3, "cases": 20, "faults": []}


def test_a_seeded_ledger_verifies_and_the_doctor_knows_whether_a_sweep_has_run(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("seed", "--cases", "60", "--json") == 0
    assert json.loads(capsys.readouterr().out)["cases"] == 60
    assert run("doctor") == FOUND_FAULTS
    assert "督促程序还没有运行过" in capsys.readouterr().out
    assert run("tick", "--now", "2026-01-05", "--json") == 0  # an earlier hour leaves what has come due since
    assert run("doctor") == FOUND_FAULTS
    assert run("tick", "--json") == 0
    capsys.readouterr()
    assert run("doctor") == 0
    capsys.readouterr()
    assert run("audit", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    checkpoint = home / "checkpoint.json"
    assert run("audit", "checkpoint", "--out", str(checkpoint), "--json") == 0
    assert run("audit", "verify", "--against", str(checkpoint)) == 0
    taken = datetime.now(UTC).astimezone(ZONE)
    assert re.search(rf"{taken:%Y-%m}-\d\d \d\d:\d\d:\d\d（北京时间）之后", capsys.readouterr().out)
    package, (public,) = home / "package.jsonl.gz", (home / "keys").glob("checkpoint-*.pub")
    assert run("audit", "export", str(package), "--with-content") == 0
    assert package.stat().st_mode & 0o077 == 0
    assert verifier.main([str(package), "--key", str(public), "--remembered", str(checkpoint)]) == 0
    capsys.readouterr()
    assert run("audit", "verifier") == 0
    assert capsys.readouterr().out == Path(verifier.__file__).read_text(encoding="utf-8")


@pytest.mark.usefixtures("home")
def test_the_demo_is_played_whole_and_only_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_CEILING", "2")
    assert run("demo", "--yes", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cases"] == 31
    assert run("demo", "--yes", "--if-absent", "--json") == 0
    assert json.loads(capsys.readouterr().out)["present"]
    assert run("--as", "linjing", "case", "list", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line["overdue"] for line in lines)
    assert run("--as", "linjing", "case", "show", lines[0]["number"], "--json") == 0
    assert run("--as", "linjing", "case", "show", "没有这个编号") == REFUSED
    clue = next(line["number"] for line in lines if line["kind"] == "clue")
    capsys.readouterr()
    assert run("audit", "who-saw", clue, "--from", "2000-01-01", "--to", "2099-12-31", "--json") == 0
    assert {(row["login"], row["action"]) for row in json.loads(capsys.readouterr().out)} == {("linjing", "read")}
    assert run("audit", "who-saw", "没有这个编号", "--from", "2000-01-01", "--to", "2099-12-31") == REFUSED
    assert run("audit", "verify") == 0


@pytest.mark.parametrize("hour", [0, 11, 23])
def test_at_any_hour_the_tour_of_the_demo_is_one_tick_away_from_its_interview(home: Path, hour: int) -> None:
    now = local_time(date(2026, 11, 26), hour) + timedelta(minutes=20)
    office = open_office(load({"DUBAN_HOME": str(home)}))
    try:
        load_demo(office, now, if_absent=False)
        office.engine.tick(now)
        titles = select(CASES.c.title, func.count().label("items")).join(AGENDA, AGENDA.c.interview_id == CASES.c.id)
        rows = office.database.read(lambda store: store.select(titles.where(CASES.c.state == "proposed").group_by(CASES.c.id)))
        assert {row["title"]: row["items"] for row in rows}["关于东沟村党总支整改工作的约谈"] == 3
        late = office.database.read(lambda store: store.select(select(func.max(EVENTS.c.recorded_at).label("at"))))
        assert late[0]["at"] <= now
        bells = [row["created_at"] for row in office.database.read(lambda store: store.select(select(NOTICES.c.created_at)))]
        assert len({local_day(at) for at in bells}) > 20 and max(bells) <= now, "messages carry the hours of the story"
    finally:
        office.close()


def test_a_faulty_definition_is_checked_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "faulty.yaml"
    file.write_text("key: faulty\nkey: again\n", encoding="utf-8")
    assert run("workflow", "check", str(file)) == FOUND_FAULTS
    assert "faulty.yaml:2" in capsys.readouterr().out


def test_the_shipped_definitions_are_clean_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(Path("config/workflows").glob("*.yaml"))
    assert run("workflow", "check", *map(str, files)) == 0
    capsys.readouterr()
    assert run("workflow", "draw", str(files[0]), "--format", "mermaid") == 0
    assert "stateDiagram" in capsys.readouterr().out
    assert run("workflow", "draw", str(files[0]), "--json") == 0
    assert json.loads(capsys.readouterr().out)["drawing"].startswith("<svg")


@pytest.mark.usefixtures("home")
def test_a_definition_is_exported_as_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--yes") == 0
    written = Path("config/workflows/measure.yaml").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run("workflow", "export", "measure") == 0
    assert capsys.readouterr().out == written
    assert run("workflow", "export", "measure", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"kind": "measure", "text": written}


@pytest.mark.usefixtures("home")
def test_a_year_of_the_calendar_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--yes") == 0
    file = tmp_path / "2027.yaml"
    file.write_text("year: 2027\npublished: true\nholidays: {元旦: [2027-01-01]}\nmakeups: {}\n", encoding="utf-8")
    assert run("calendar", "import", str(file), "--yes", "--json") == 0
    capsys.readouterr()
    assert run("calendar", "show", "--json") == 0
    assert 2027 in [year["year"] for year in json.loads(capsys.readouterr().out)["years"]]


@pytest.mark.usefixtures("home")
def test_an_account_gets_a_post_and_a_token_from_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--yes") == 0
    assert run("user", "add", "zhangsan", "张三", "--json") == 0
    capsys.readouterr()
    assert run("user", "grant", "zhangsan", "handler", "县委巡察办", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["grant"] is None, "the demo has its three administrators: the machine proposes"
    assert told["proposal"]
    assert run("user", "factors", "zhangsan", "--drop", "--yes", "--json") == 0
    capsys.readouterr()
    assert run("user", "token", "zhangsan", "接口", "--json") == 0
    assert json.loads(capsys.readouterr().out)["token"]
    assert run("user", "disable", "zhangsan") == 0
    assert run("user", "password", "nobody") == REFUSED


@pytest.mark.usefixtures("home")
def test_an_account_has_an_address_that_is_checked_and_can_be_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--yes") == 0
    assert run("user", "add", "zhangsan", "张三", "--email", "zhangsan") == REFUSED
    assert "邮箱写得不对" in capsys.readouterr().err
    assert run("user", "add", "zhangsan", "张三", "--email", "zhangsan@anlan.example") == 0
    assert run("user", "email", "zhangsan", "a@b@c") == REFUSED
    capsys.readouterr()
    assert run("user", "email", "zhangsan", "zhang@anlan.example", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"login": "zhangsan", "email": "zhang@anlan.example"}
    assert run("user", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["email"] == "zhang@anlan.example"


def test_without_a_name_no_case_is_shown_once_the_three_administrators_are_set(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--yes") == 0
    assert run("case", "list") == 0
    assert run("demo", "--yes") == 0  # It has the three.
    capsys.readouterr()
    assert run("--as", "linjing", "case", "list", "--json") == 0
    number = json.loads(capsys.readouterr().out.splitlines()[-1])["number"]
    ledger = home / "台账.xlsx"
    for command in (
        ("case", "list"),
        ("case", "show", number),
        ("case", "fire", number, "close"),
        ("export", "ledger", str(ledger)),
    ):
        capsys.readouterr()
        assert run(*command) == REFUSED
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n")) == ("", 1)
        assert "--as" in told.err
    assert not ledger.exists()
    assert run("--as", "linjing", "export", "ledger", str(ledger), "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert find_in_file(ledger) == told["number"]
    office = open_office(load())
    linjing = office.database.read(lambda store: actor_of(store, find_person(store, "linjing")["id"], today=date.today()))  # type: ignore[index]
    (row,) = office.database.read(lambda store: exports.listed(store, linjing))  # type: ignore[arg-type]
    office.close()
    assert (row["number"], row["what"], row["form"], row["line_count"]) == (told["number"], "ledger", "xlsx", told["rows"])
    assert run("--as", "linjing", "case", "show", number) == 0
    assert run("tick", "--json") == 0
