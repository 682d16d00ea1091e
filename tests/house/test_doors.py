"""One door for each thing that must happen in one place: commits, broad excepts, libraries, the clock."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import Module, list_modules

# The six frames that may catch everything, because each has to go on with the next and tells its failure:
# a request, a rung, a message, an item of a bulk, a step of a scheduled job (whose own frame is the library), a command.
CATCH_ALL = {
    "request": "web/errors.py",
    "rung": "workflow/verbs/tick.py",
    "message": "workflow/outbox.py",
    "item of a bulk": "workflow/verbs/bulk.py",
    "step of a scheduled job": "workflow/nightly.py",
    "command": "web/cli.py",
}
ONLY_IN = {"transitions": "states/machine.py", "apscheduler": "workflow/heartbeat.py"}
# Also the database's clock: two machines never agree to the millisecond.
CLOCKS = tuple(
    f".{name}"
    for name in (
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "func.now",
        "func.current_timestamp",
    )
)
# What handlers may know of the engine; the calendars, dates and date words are pure functions, and the kinds of setting types.
ENGINE_SEEN_BY_HANDLERS = (
    "workflow.types",
    "workflow.context",
    "workflow.reads",
    "workflow.calendars",
    "workflow.dates",
    "workflow.date_words",
    "workflow.configuration.kinds",
    "workflow.configuration.settings",
    "workflow.configuration.years",
)
# What takes a statement as text. Values are bound; where the text itself is put together, its parts are names of our own that
# nobody types (security.md R29). Ruff's S608 knows a statement by its words, wherever it is made.
TAKES_SQL = ("text", "literal_column", "execute", "executemany", "executescript", "exec_driver_sql")
PUTS_SQL_TOGETHER = {
    "workflow/database.py": "settings of SQLite",
    "workflow/organisation_rules.py": "a word that an index names as well",
    "workflow/store.py": "a table of the models",
}
# A way round the policy begins with such a word (security.md R16): frappe's `ignore_permissions`.
WAY_ROUND = re.compile(
    r"(skip|ignore|bypass|disable)_(all_)?(permission|polic|right|access|auth|check|guard|visib)", re.IGNORECASE
)
# A file may be flushed; what holds rows may not.
FLUSHES = tuple(f"{holder}.{verb}" for holder in ("session", "connection", "context") for verb in ("flush", "rollback"))

modules = pytest.mark.parametrize("module", list_modules(), ids=lambda module: module.name)


def _ids(module: Module) -> str:
    return module.name


@modules
def test_only_the_database_module_commits(module: Module) -> None:
    commits = [call for call in module.calls() if call.endswith(".commit")]
    assert commits == [] or module.name == "workflow/database.py"


def _is_put_together(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod))


def _takes_what_is_put_together(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in TAKES_SQL:
        return False
    return any(_is_put_together(part) for given in node.args for part in ast.walk(given))


@pytest.mark.parametrize("module", list_modules("workflow"), ids=_ids)
def test_no_statement_is_put_together_but_of_names_of_our_own(module: Module) -> None:
    found = [node.lineno for node in module.nodes if _takes_what_is_put_together(node)]
    assert found == [] or module.name in PUTS_SQL_TOGETHER or module.name.startswith("workflow/migrations/")


@modules
def test_nothing_is_called_like_a_way_round_the_policy(module: Module) -> None:
    given = [word.arg for node in module.nodes if isinstance(node, ast.Call) for word in node.keywords if word.arg]
    taken = [node.arg for node in module.nodes if isinstance(node, ast.arg)]
    named = [node.id for node in module.nodes if isinstance(node, ast.Name)]
    assert [
        name for name in {*given, *taken, *named, *(name for name, _ in module.functions())} if WAY_ROUND.search(name)
    ] == []


@pytest.mark.parametrize("module", list_modules("handlers"), ids=_ids)
def test_a_handler_neither_flushes_nor_rolls_back(module: Module) -> None:
    assert [call for call in module.calls() if call.endswith(FLUSHES)] == []


def _is_broad(node: ast.ExceptHandler) -> bool:
    caught = ast.unparse(node.type) if node.type else "BaseException"
    return any(word in caught.strip("()").split(", ") for word in ("Exception", "BaseException"))


@modules
def test_everything_is_caught_only_in_the_six_frames(module: Module) -> None:
    handlers = [node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)]
    found = [node for node in handlers if _is_broad(node)]
    # Whoever tidies up and raises again swallows nothing.
    swallowed = [node.lineno for node in found if not _raises_again(node)]
    assert len(swallowed) <= list(CATCH_ALL.values()).count(module.name)


def _raises_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


@pytest.mark.parametrize(("library", "place"), ONLY_IN.items())
def test_a_library_with_one_door_is_imported_only_there(library: str, place: str) -> None:
    importers = {
        module.name
        for module in list_modules()
        for name in module.imports()
        if name == library or name.startswith(f"{library}.")
    }
    assert importers <= {place}


@pytest.mark.parametrize("module", list_modules("states", "handlers", "workflow"), ids=_ids)
def test_the_hour_is_an_argument_and_only_the_heartbeat_reads_the_clock(module: Module) -> None:
    read = [name for name in module.attributes() if f".{name}".endswith(CLOCKS)]
    assert read == [] or module.name == "workflow/heartbeat.py"


@pytest.mark.parametrize("module", list_modules("handlers"), ids=_ids)
def test_a_handler_knows_only_the_engines_types_context_and_reads(module: Module) -> None:
    engine = {name for name in module.imports() if name.startswith("workflow.")}
    assert {name for name in engine if not name.startswith(ENGINE_SEEN_BY_HANDLERS)} == set()
