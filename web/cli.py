"""The command line `duban`: every command is listed here and loaded only when it is called, so that --help is quick."""

from __future__ import annotations

import importlib
import sys
import uuid
from typing import Any

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
    "audit": ("web.commands.audit", "Verify the history; take checkpoints."),
    "user": ("web.commands.user", "People, posts and tokens."),
    "calendar": ("web.commands.calendar", "Show, import and correct the working calendar."),
    "doctor": ("web.commands.doctor", "Look for what is wrong with this installation."),
}

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
    except click.ClickException as fault:
        fault.show()
        sys.exit(USAGE)
    except Exception as fault:  # The command line's frame: the reason and a reference, not a traceback.
        sys.exit(_tell(fault))


def _tell(fault: Exception) -> int:
    from config.settings import SettingsFault
    from states.errors import DomainError

    if isinstance(fault, DomainError):
        from web.errors import sentence_of

        click.echo(sentence_of(fault, "zh-Hans"), err=True)
        return REFUSED
    if isinstance(fault, SettingsFault):
        for line in fault.faults:
            click.echo(line, err=True)
        return USAGE
    return _unexpected(fault)


def _unexpected(fault: Exception) -> int:
    import structlog

    reference = uuid.uuid4().hex[:8]
    shown: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(processors=shown, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    structlog.get_logger().error("command_failed", reference=reference, fault=repr(fault), exc_info=fault)
    click.echo(f"未能完成：{type(fault).__name__}（参考号 {reference}，详见日志）", err=True)
    return REFUSED


def stop(code: int) -> Any:
    """Ends a command with one of the exit codes."""
    raise click.exceptions.Exit(code)


if __name__ == "__main__":
    main()
