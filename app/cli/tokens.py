"""`gongdan token create|list|revoke`."""

import click

from app.cli import main
from app.cli.houses import opened
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people import access, tokens

CAUSE = Cause("system", "cli")


@main.group()
def token() -> None:
    """Tokens by which programs use the API."""


@token.command("create")
@click.argument("username")
@click.option("--name", required=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, required=True, help="May be repeated: read, write, ticket.read, …")
@click.option("--days", default=90, show_default=True, help="How long it lasts.")
def create(username: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token that acts as an account, and print it: it is shown once and stored nowhere."""
    with opened() as house, house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        click.echo(tokens.make(work, name, scopes, days=days, user_id=access.account_id(work, username)))


@token.command("list")
@click.option("--user", default="", help="Only those of this account.")
def list_(user: str) -> None:
    """List the tokens: id, account, name, end of the token, state, scopes, end (UTC), last use (UTC)."""
    with opened() as house, house.transactions.reading(SYSTEM) as work:
        found = tokens.all_tokens(work)
    for one in found:
        if user in ("", one.owner):
            used = one.last_used_at.isoformat(" ", "minutes") if one.last_used_at else "never"
            facts = (str(one.id), one.owner, one.name, f"…{one.hint}", one.state, ",".join(one.scopes))
            click.echo("\t".join((*facts, one.expires_at.isoformat(" ", "minutes"), used)))


@token.command("revoke")
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """End a token at once."""
    with opened() as house, house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        tokens.revoke(work, token_id)
    click.echo(f"token {token_id} is revoked")
