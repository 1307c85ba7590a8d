"""The face in a real browser, with a gallery of its parts; the fixtures are described in tests/browser.py."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import Live, browser_type_launch_args, enter, look, page, serve
from tests.clients import webs
from tests.face import gallery

__all__ = ["browser_type_launch_args", "enter", "live", "look", "page", "webs"]


@pytest.fixture(scope="session")
def live(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The application with the gallery in it."""
    with serve(servers, tmp_path_factory.mktemp("face"), gallery.install) as live:
        yield live
