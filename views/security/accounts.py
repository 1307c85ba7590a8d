"""Accounts."""

from views.base import HouseView


class AccountView(HouseView):
    """Accounts."""
