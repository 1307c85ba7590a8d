"""Roles."""

from views.base import HouseView


class RoleView(HouseView):
    """Roles."""
