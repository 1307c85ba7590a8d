"""Static files under a name that changes with their content, so that browsers may keep them for ever."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

from views.headers import SECURITY_HEADERS

FOLDER = Path(__file__).parent.parent / "app" / "static"


def digest(folder: Path) -> str:
    """Return a short hash over all static files: a new release is a new address, for their relative links too."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def install(app: Flask, folder: Path = FOLDER) -> None:
    """Serve ``folder`` under ``/static/<hash>/`` and give templates `asset()`."""
    folder.mkdir(exist_ok=True)
    mimetypes.add_type("text/javascript", ".js")
    prefix = f"/static/{digest(folder)}/"
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(folder), prefix=prefix, max_age=None, immutable_file_test=lambda *_: True,
        add_headers_function=_add_headers, charset="utf-8",
    )  # fmt: skip

    def asset(name: str) -> str:
        return f"{prefix}{name}"

    app.jinja_env.globals["asset"] = asset


def _add_headers(headers: Any, _path: str, _url: str) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
