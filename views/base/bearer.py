"""Tokens in requests: ``Authorization: Bearer …`` under ``/api/`` says who asks, and no cookie does beside it."""

from typing import Any, Final

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError

from app.core.disk import is_full
from app.people import tokens
from views.base.person import cause, current_person, house, offered_token

#: What changes nothing.
_READING: Final = ("GET", "HEAD", "OPTIONS")


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
            try:
                with house().transactions.unit_of_work(person.actor, cause()) as work:
                    tokens.note_use(work, person.token_id)
            except SQLAlchemyError as error:
                # On a full disk nothing is counted, and what only reads still can.
                if request.method not in _READING or not is_full(error):
                    raise
