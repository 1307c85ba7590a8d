"""`gongdan user create|list|password|activate|deactivate`."""

import secrets
import sys

import click

from app.cli import main
from app.cli.houses import opened
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people import access
from app.people.queries import accounts

CAUSE = Cause("system", "cli")
ONCE = "password, shown once, to be changed at the first sign-in"
#: A password typed after the command would stand in the shell's history and in the list of processes.
FROM_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@main.group()
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.argument("username")
@click.option("--name", default="", help="The name shown; the user name unless given.")
@click.option("--email", default="", help="Mail address.")
@click.option("--role", "roles", multiple=True, required=True, help="Role, may be repeated: clerk, technician, …")
@FROM_STDIN
def create(username: str, name: str, email: str, roles: tuple[str, ...], *, password_stdin: bool) -> None:
    """Create an account. Without --password-stdin a password is made, printed once, and must be changed."""
    password = _password(given=password_stdin)
    with opened() as house, house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        access.create_account(
            work, username, password, name=name, email=email, roles=roles, must_change_password=not password_stdin
        )
    click.echo(f"created {username} ({', '.join(roles)})")
    if not password_stdin:
        click.echo(f"{ONCE}: {password}")


@user.command("list")
@click.option("--role", help="Only those who have this role.")
def list_(role: str | None) -> None:
    """List the accounts: user name, full name, roles, whether they may sign in, and when they last did (UTC)."""
    with opened() as house, house.transactions.reading(SYSTEM) as work:
        if role is not None and role not in access.role_names(work):
            raise DomainError(_("There is no role “%(role)s”.", role=role[:60]), field="--role", code="unknown_role")
        found = accounts(work)
    for one in found:
        if role is None or role in one.roles:
            last = one.last_login.isoformat(" ", "minutes") if one.last_login else "never"
            click.echo(
                "\t".join(
                    (one.username, one.name, ",".join(one.roles), "active" if one.active else "deactivated", last)
                )
            )


@user.command("password")
@click.argument("username")
@FROM_STDIN
def password_(username: str, *, password_stdin: bool) -> None:
    """Give an account a new password, for who lost his; it is signed out everywhere.

    Without --password-stdin a password is made, printed once, and must be changed at the first sign-in.
    """
    password = _password(given=password_stdin)
    with opened() as house, house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        user_id = access.account_id(work, username)
        access.set_password(work, user_id, password, must_change_password=not password_stdin)
    click.echo(f"new password for {username}; its sessions have ended")
    if not password_stdin:
        click.echo(f"{ONCE}: {password}")


@user.command("activate")
@click.argument("username")
def activate(username: str) -> None:
    """Let an account sign in again."""
    _set_active(username, active=True)


@user.command("deactivate")
@click.argument("username")
def deactivate(username: str) -> None:
    """Keep an account out from now on; what it did keeps its name."""
    _set_active(username, active=False)


def _set_active(username: str, *, active: bool) -> None:
    with opened() as house, house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        access.set_active(work, access.account_id(work, username), active=active)
    click.echo(f"{username} {'may sign in' if active else 'may no longer sign in; its sessions have ended'}")


def _password(*, given: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if given else secrets.token_urlsafe(12)
