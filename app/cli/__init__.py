"""The `gongdan` command. Errors are one line; exit 2 means bad input, exit 1 that something is wrong here."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

from app.config import ConfigError, Settings
from app.core.errors import DomainError
from app.installed import UnreadyError

if TYPE_CHECKING:
    from sqlalchemy.exc import OperationalError, ProgrammingError

#: Command → the module that registers it on `main`. Only the one that is called is imported: the supervisor and the
#: web's children do not wait for what imports and PDFs need.
COMMANDS: Final = {
    "bench": "bench",
    "config": "install",
    "doctor": "install",
    "init": "install",
    "seed": "data",
    "serve": "serve",
    "template": "packs",
    "ticket": "data",
    "token": "tokens",
    "user": "users",
    "web": "serve",
    "worker": "serve",
}
#: How SQLite and PostgreSQL say that there are no tables yet.
NO_SCHEMA: Final = ("no such table", "does not exist")
#: What SQLite says of a file it may not make, read or write, without its name.
UNOPENED: Final = "unable to open database file"


class Commands(click.Group):
    """A group of commands that are imported when called; it answers every foreseen error with one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        return super().get_command(ctx, cmd_name)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn foreseen errors into exit codes."""
        try:
            # Outside its standalone mode click returns the code of `Exit` instead of ending the process.
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}) or 0)
        except click.exceptions.Abort:
            _fail("stopped", 130)
        except click.exceptions.NoArgsIsHelpError as error:
            _fail(_choices(error), 2)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            hint = f" (see {context.command_path} --help)" if context else ""
            _fail(error.format_message() + hint, 2)
        except (DomainError, ConfigError) as error:
            _fail(str(error), 2)
        except UnreadyError as error:
            _fail(str(error), 1)
        except OSError as error:
            _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)
        except Exception as error:
            if (line := _database_trouble(error)) is None:
                raise
            _fail(line, 1)


def _choices(error: click.exceptions.NoArgsIsHelpError) -> str:
    """Return what may be asked where nothing was."""
    context = error.ctx
    group = context.command if context else None
    names = ", ".join(group.list_commands(context)) if isinstance(group, click.Group) and context else ""
    path = context.command_path if context else "gongdan"
    return f"say what to do, one of {names} (see {path} --help)"


def _database_trouble(error: Exception) -> str | None:
    """Return what to do about an error of the database; None if it is not one."""
    # Imported here: a command that uses no database does without SQLAlchemy.
    from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError  # noqa: PLC0415

    from app.core.db import is_damaged  # noqa: PLC0415
    from app.migrate import LostRowsError, NewerDatabaseError  # noqa: PLC0415

    if isinstance(error, (LostRowsError, NewerDatabaseError)):
        return str(error)
    if isinstance(error, DatabaseError) and is_damaged(error):
        return f"the database file is damaged ({error.orig}): restore it from a backup"
    if not isinstance(error, (OperationalError, ProgrammingError)):
        return None
    return _remedy(error)


def _remedy(error: "OperationalError | ProgrammingError") -> str:
    """Return what a database that was reached, or ought to have been, needs."""
    from app.core.db import missing_database  # noqa: PLC0415 - as above

    if name := missing_database(error):
        return f'there is no database "{name}" yet: let PostgreSQL make it first, e.g. createdb {name}'
    reason = str(error.orig).splitlines()[0]
    if any(words in reason for words in NO_SCHEMA):
        return "the database is not ready: run `gongdan init` first"
    if reason == UNOPENED:
        return f"the database cannot be opened; may {Settings.from_environment().url} be written?"
    return f"the database cannot be used: {reason}"


def _fail(line: str, code: int) -> None:
    click.echo(f"gongdan: {' '.join(line.split())}", err=True)
    sys.exit(code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gongdan")
def main() -> None:
    """Gongdan 工单: an after-sales service back office."""
