"""The `gongdan` command. Errors are one line; exit 2 means bad input, exit 1 that something is wrong here."""

import sys
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.config import ConfigError
from app.core.errors import DomainError

#: How SQLite and PostgreSQL say that there are no tables yet.
NO_SCHEMA = ("no such table", "does not exist")


class OneLineErrors(click.Group):
    """A group of commands that answers every foreseen error with one line on standard error."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn foreseen errors into exit codes."""
        try:
            # Outside its standalone mode click returns the code of `Exit` instead of ending the process.
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}) or 0)
        except click.exceptions.Abort:
            _fail("stopped", 130)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            hint = f" (see {context.command_path} --help)" if context else ""
            _fail(error.format_message() + hint, 2)
        except (DomainError, ConfigError) as error:
            _fail(str(error), 2)
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).splitlines()[0]
            if any(words in reason for words in NO_SCHEMA):
                _fail("the database is not ready: run `gongdan init` first", 1)
            _fail(f"the database cannot be used: {reason}", 1)
        except OSError as error:
            _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)


def _fail(line: str, code: int) -> None:
    click.echo(f"gongdan: {' '.join(line.split())}", err=True)
    sys.exit(code)


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gongdan")
def main() -> None:
    """Gongdan 工单: an after-sales service back office."""


# Commands register themselves on `main`; they are imported last because they need it.
from app.cli import bench, data, install, packs, serve, users  # noqa: E402, F401
