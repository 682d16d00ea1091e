"""The schema's history: `upgrade` brings a database to the newest revision, `downgrade` takes it back."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database at `url` up to `revision`."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Takes the database at `url` back to `revision`."""
    command.downgrade(_config(url), revision)


def check(url: str) -> None:
    """Raises when the models say something else than the migrations made."""
    command.check(_config(url))


def write_revision(url: str, message: str, number: str) -> None:
    """Writes the next revision file from what the models say beyond the database at `url`."""
    command.revision(_config(url), message, autogenerate=True, rev_id=number)
