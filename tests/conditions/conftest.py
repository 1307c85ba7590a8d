"""The browser the third backend runs in."""

from tests.browser import browser_type_launch_args

__all__ = ["browser_type_launch_args"]
