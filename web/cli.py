"""The command line `duban`: every command is listed here and loaded only when it is called, so that --help is quick."""

from __future__ import annotations

import importlib
import sys
import uuid
from typing import Any, Literal

import click

# name → (module, one line for --help). The module has a click command or group `command`.
COMMANDS = {
    "init": ("web.commands.init", "Make or migrate the database and publish the shipped kinds; print the set-up link."),
    "serve": ("web.commands.serve", "Serve the site (and, on SQLite, the scheduler in the same process)."),
    "scheduler": ("web.commands.scheduler", "Run the scheduler: sweep, delivery, nightly checks."),
    "tick": ("web.commands.tick", "Climb every ladder that is due now, once."),
    "seed": ("web.commands.seed", "Make a realistic synthetic ledger."),
    "demo": ("web.commands.demo", "Load the hand-made demo county."),
    "import": ("web.commands.imports", "Import a ledger (Excel, CSV) or a process log."),
    "export": ("web.commands.export", "Export the ledger as Excel or CSV."),
    "workflow": ("web.commands.workflow", "Check, draw, list and publish workflow definitions."),
    "case": ("web.commands.case", "List and show cases; fire a verb."),
    "vote": ("web.commands.votes", "A step that a body decides on: ask, vote, record, withdraw."),
    "audit": ("web.commands.audit", "Verify the history; take checkpoints; export what proves it."),
    "key": ("web.commands.key", "Keys that sign what leaves the machine."),
    "seal": ("web.commands.seal", "Master keys under which secret facts lie."),
    "backup": ("web.commands.backup", "Make backups for a key that is kept elsewhere; restore one; try whether it can be."),
    "database": ("web.commands.database", "The database's own rights: what the program may do there."),
    "user": ("web.commands.user", "People, posts and tokens."),
    "organisation": ("web.commands.organisation", "Areas and organs: rename, merge, split, move and end them by date."),
    "calendar": ("web.commands.calendar", "Show, import and correct the working calendar."),
    "config": ("web.commands.config", "Settings in versions: messages, letters, numbers, names."),
    "retention": ("web.commands.retention", "What is due for appraisal, and its disposal by two people."),
    "self-test": ("web.commands.self_test", "Compare what people see at every door, now."),
    "doctor": ("web.commands.doctor", "Look for what is wrong with this installation."),
}

# The language that the command line speaks.
LANGUAGE: Literal["zh-Hans"] = "zh-Hans"
DONE, FOUND_FAULTS, USAGE, REFUSED, PARTLY = 0, 1, 2, 3, 4


class Lazy(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Imports the command's module."""
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and lines from the table, so that --help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_module, line) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--as", "login", envvar="DUBAN_AS", help="The login to act as; without it, the operator.")
@click.version_option(package_name="duban")
@click.pass_context
def cli(context: click.Context, login: str | None) -> None:
    """Duban 督办: the case engine for village inspections."""
    context.obj = login


def main(arguments: list[str] | None = None) -> None:
    """Runs a command; a refusal is one sentence and an exit code of docs/cli.md, never a traceback."""
    try:
        sys.exit(cli.main(args=arguments, standalone_mode=False) or DONE)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit(USAGE)
    except click.exceptions.NoArgsIsHelpError as fault:
        fault.show()
        sys.exit(USAGE)
    except click.ClickException as fault:
        from web.usage import usage_words

        click.echo(usage_words(fault), err=True)
        sys.exit(USAGE)
    except Exception as fault:  # The command line's frame: the reason and a reference, not a traceback.
        sys.exit(_tell(fault))


def _tell(fault: Exception) -> int:
    from config.settings import SettingsFault
    from states.errors import DomainError

    if isinstance(fault, DomainError):
        return _refused(fault)
    if isinstance(fault, SettingsFault):
        for line in fault.faults:
            click.echo(line, err=True)
        return USAGE
    told = _file_words(fault)
    if told:
        click.echo(told, err=True)
        return REFUSED
    return _unexpected(fault)


def _refused(fault: Any) -> int:
    """One sentence; of a faulty definition, each fault on its own line."""
    from states.errors import DefinitionError, NotFound
    from web.errors import missing_words, problem_of, sentence_of

    if isinstance(fault, NotFound):
        click.echo(missing_words(fault, LANGUAGE), err=True)
        return REFUSED
    if isinstance(fault, DefinitionError):
        problem = problem_of(fault, LANGUAGE)
        click.echo("\n".join([problem.title, *problem.reasons]), err=True)
        return FOUND_FAULTS
    click.echo(sentence_of(fault, LANGUAGE), err=True)
    return REFUSED


# What is wrong with a file that the system does not let us read or write.
_FILES = {
    FileNotFoundError: "没有这个文件或文件夹",
    FileExistsError: "已有这个文件",
    PermissionError: "没有权限",
    IsADirectoryError: "这是一个文件夹",
    NotADirectoryError: "路径里有一段不是文件夹",
}


def _file_words(fault: Exception) -> str:
    """What is wrong with a file that a command was given, or ""."""
    from config.documents import DocumentFault

    if isinstance(fault, DocumentFault):
        from web.text_files import document_words

        return f"{fault.name}:{fault.line}: {document_words(fault.code, fault.detail, LANGUAGE)}"
    if isinstance(fault, UnicodeDecodeError):
        return "文件的文字编码不能识别，另存为UTF-8后再用"
    if isinstance(fault, OSError) and fault.filename:
        return f"不能读写“{fault.filename}”：{_FILES.get(type(fault)) or fault.strerror}"
    return ""


def _unexpected(fault: Exception) -> int:
    import structlog

    reference = uuid.uuid4().hex[:8]
    shown: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    # A logger of its own, so that what this process logs otherwise stays as it was set up.
    log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=shown)
    log.error("command_failed", reference=reference, fault=repr(fault), exc_info=fault)
    click.echo(f"未能完成：{type(fault).__name__}（参考号 {reference}，详见日志）", err=True)
    return REFUSED


def stop(code: int) -> Any:
    """Ends a command with one of the exit codes."""
    raise click.exceptions.Exit(code)


if __name__ == "__main__":
    main()
