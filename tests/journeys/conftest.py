"""Journeys run in a real browser; their fixtures are described in tests/browser.py."""

from tests.browser import browser_type_launch_args, enter, live, look, page

__all__ = ["browser_type_launch_args", "enter", "live", "look", "page"]
