"""The face in a real browser; its fixtures are described in tests/browser.py."""

from tests.browser import browser_type_launch_args, enter, live, look, page
from tests.clients import webs

__all__ = ["browser_type_launch_args", "enter", "live", "look", "page", "webs"]
