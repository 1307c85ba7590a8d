"""Who asks: read once a request, with all rights, and kept for its length."""

from dataclasses import replace
from typing import Final

from flask import current_app, g, has_request_context, request, session
from flask_login import UserMixin

from app.core.errors import NotAllowedError
from app.core.i18n import _
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause
from app.house import House
from app.people import tokens
from app.people.identity import Person, person_of
from app.people.sign_in import session_key
from views.base.answers import current_locale

#: Keys of the signed cookie.
USER_KEY = "_user_id"
SECRET_KEY = "session"  # noqa: S105 - the name of a key

#: What was done by somebody who pressed a button.
PERSON = Cause("person")
_BEARER: Final = "bearer "
#: Longer than any token of ours; nothing longer is hashed.
_LONGEST_TOKEN: Final = 200
#: Somebody who has not signed in. Not an `Actor` without id: that is the system.
NOBODY = Actor(user_id=0)


class SignedIn(UserMixin):
    """What Flask-Login and Flask-AppBuilder call the user."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.id = person.user_id
        self.username = person.username

    def get_full_name(self) -> str:
        """Return the name, as Flask-AppBuilder's templates ask for it."""
        return self.person.name

    def __str__(self) -> str:
        return self.person.name


def house() -> House:
    """Return the house this application was made for."""
    opened: House = current_app.extensions["gongdan"]
    return opened


def current_person() -> Person | None:
    """Return the person signed in, or None."""
    if not has_request_context():
        return None
    if "person" not in g:
        # When the database is away it is asked once: the page that says so must not ask again.
        g.person = None
        g.person = _read()
    person: Person | None = g.person
    return person


def current_actor() -> Actor:
    """Return the person signed in as an actor who reads the language of this request; `NOBODY` where there is none."""
    person = current_person()
    return replace(person.actor, locale=current_locale()) if person else NOBODY


def actor() -> Actor:
    """Return the person signed in as an actor; views that need one may rely on it."""
    found = current_actor()
    if found is NOBODY:
        raise NotAllowedError(_("Please sign in."), code="sign_in")
    return found


def cause() -> Cause:
    """Return what the works of this request come from: a person, or the token of a program."""
    person = current_person()
    token = person.token_id if person else None
    return PERSON if token is None else Cause("channel", f"token:{token}")


def offered_token() -> str | None:
    """Return the token this request brings along; None where it brings none, or where none counts."""
    header = request.headers.get("Authorization", "")
    if not request.path.startswith("/api/") or header[: len(_BEARER)].lower() != _BEARER:
        return None
    return header[len(_BEARER) :].strip()[:_LONGEST_TOKEN]


def forget_person() -> None:
    """Read the person anew when next asked for: after signing in or out, or after a change of rights."""
    g.pop("person", None)


def _read() -> Person | None:
    if (token := offered_token()) is not None:
        with house().transactions.reading(SYSTEM) as work:
            return tokens.holder(work.session, token, work.now)
    user_id, secret = session.get(USER_KEY), session.get(SECRET_KEY)
    if not (isinstance(user_id, str) and user_id.isdecimal() and isinstance(secret, str)):
        return None
    transactions = house().transactions
    with transactions.reading(SYSTEM) as work:
        return person_of(work.session, int(user_id), session_key(secret), work.now)
