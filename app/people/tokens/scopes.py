"""What a token may do of what its owner may: never more, whatever its scopes say."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from app.core.errors import DomainError
from app.core.i18n import Message, _
from app.people.roles import PERMISSIONS, READING_VERBS, carried

READ: Final = "read"
WRITE: Final = "write"
PERSONAL: Final = "personal_data.read"
#: What people choose from; besides them, any permission is a scope.
NAMED_SCOPES: Final[Mapping[str, Message]] = {
    READ: _("Read everything its owner sees, personal data masked"),
    WRITE: _("Create, change and move what its owner may"),
    PERSONAL: _("See personal data unmasked"),
}


def checked(scopes: Collection[str]) -> Sequence[str]:
    """Return scopes as they are stored; DomainError when there are none, or unknown ones."""
    wanted = sorted(set(scopes))
    if not wanted:
        raise DomainError(_("Choose what the token may do."), field="scopes", code="required")
    if unknown := [one for one in wanted if one not in NAMED_SCOPES and one not in PERMISSIONS]:
        raise DomainError(
            _("There is no scope “%(name)s”.", name=unknown[0][:60]), field="scopes", code="unknown_scope"
        )
    return wanted


def granted(scopes: Collection[str], held: Collection[str]) -> frozenset[str]:
    """Return which of the permissions ``held`` are within ``scopes``, with those they carry."""
    return carried(one for one in held if one in scopes or _bundle(one) in scopes)


def _bundle(permission: str) -> str:
    if permission == PERSONAL:
        return PERSONAL
    return READ if permission.partition(".")[2] in READING_VERBS else WRITE
