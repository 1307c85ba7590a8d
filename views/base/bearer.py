"""Tokens in requests: ``Authorization: Bearer …`` under ``/api/`` says who asks, and no cookie does beside it."""

from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from app.people import tokens
from views.base.person import cause, current_person, house, offered_token


class Csrf(CSRFProtect):
    """The check for browsers, which send their cookie along with whatever another site makes them send.

    A token is sent by nobody but who has it, and beside one the cookie says nothing.
    """

    def protect(self, *args: Any, **kwargs: Any) -> None:
        """Hook of Flask-WTF."""
        if offered_token() is None:
            super().protect(*args, **kwargs)


def install(app: Flask) -> None:
    """Check where requests come from, and count what tokens ask; call when the language is settled."""
    Csrf(app)

    @app.before_request
    def count() -> None:
        # Whoever brings none is not looked up: whether this process lives must not depend on the database.
        person = current_person() if offered_token() is not None else None
        if person is not None and person.token_id is not None:
            with house().transactions.unit_of_work(person.actor, cause()) as work:
                tokens.note_use(work, person.token_id)
