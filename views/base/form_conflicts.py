"""Two people at one form of Flask-AppBuilder's screens: `app.core.records.meanwhile` over the fields of a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request
from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable

from app.core.i18n import Message, _, listing
from app.core.records.meanwhile import MINE, THEIRS, fingerprint, settle

_NOT_COMPARED: Final = frozenset({"CSRFTokenField", "HiddenField", "PasswordField", "SubmitField"})


@dataclass(frozen=True, slots=True)
class FormConflict:
    """A field both changed, as ``records/_conflicts.html`` shows it."""

    key: str
    label: Any
    theirs: Any
    mine: Any
    keep: str
    by: str = ""


def kept_sides() -> dict[str, str]:
    """Return the sides chosen in the conflict view, by key."""
    sides = ((name, value) for name, value in request.form.items() if name.startswith("keep."))
    return {name.removeprefix("keep."): value for name, value in sides if value in {MINE, THEIRS}}


def remember(form: Any) -> Any:
    """Let ``form`` say, when it comes back, what it was opened with."""
    form.seen = fingerprint(_raw(form))
    return form


def merge(form: Any, stored: Any) -> bool:
    """Put into ``form`` what others changed since it was opened; whether something must be asked first.

    ``stored`` is the same form, filled with what is stored now.
    """
    typed, now = _raw(form), _raw(stored)
    settled = settle(typed, now, request.form.get("seen", ""), kept_sides())
    for name, value in settled.values.items():
        if value != typed[name]:
            form[name].data = stored[name].data
    form.seen = fingerprint(now)
    form.conflicts = [
        FormConflict(
            one.key,
            form[one.key].label.text,
            _said(form[one.key], stored[one.key].data),
            _said(form[one.key], form[one.key].data),
            one.keep,
        )
        for one in settled.conflicts
    ]
    return bool(form.conflicts)


def _raw(form: Any) -> dict[str, Any]:
    return {field.name: _key(field.data) for field in form if field.type not in _NOT_COMPARED}


def _key(value: Any) -> Any:
    """Return what stands for a field's value: a row by its key, everything else as text."""
    if isinstance(value, list | tuple | set):
        return [_key(one) for one in value]
    if value is None or isinstance(value, bool | str):
        return value
    try:
        return str(inspect(value).identity)
    except NoInspectionAvailable:
        return str(value)


def _said(field: Any, value: Any) -> Message | str | Mapping[str, str]:
    """Return a value in words; of a choice, those it is offered with."""
    words = dict(getattr(field, "choices", None) or ())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | tuple | set):
        return listing(str(words.get(one, one)) for one in value)
    return "" if value is None else str(words.get(value, value))
