"""How templates use records."""

from typing import Final

#: Tables whose records fields name (accounts are never deleted).
NAMED: Final = frozenset({"customer", "installed_product", "product", "region", "team"})
