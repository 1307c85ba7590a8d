"""`gongdan user create`."""

import secrets
import sys

import click

from app.cli import main
from app.cli.houses import opened
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people import access


@main.group()
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.argument("username")
@click.option("--name", default="", help="The name shown; the user name unless given.")
@click.option("--email", default="", help="Mail address.")
@click.option("--role", "roles", multiple=True, required=True, help="Role, may be repeated: clerk, technician, …")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(username: str, name: str, email: str, roles: tuple[str, ...], *, password_stdin: bool) -> None:
    """Create an account. Without --password-stdin a password is made, printed once, and must be changed."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    with opened() as house, house.transactions.unit_of_work(SYSTEM, Cause("system", "cli")) as work:
        access.create_account(
            work, username, password, name=name, email=email, roles=roles, must_change_password=not password_stdin
        )
    click.echo(f"created {username} ({', '.join(roles)})")
    if not password_stdin:
        click.echo(f"password, shown once, to be changed at the first sign-in: {password}")
