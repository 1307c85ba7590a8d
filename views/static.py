"""Static files under a name that changes with their content, so that browsers may keep them for ever."""

import gzip
import hashlib
import mimetypes
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from flask import Flask
from whitenoise import WhiteNoise

from app.config import Settings
from views.headers import response_headers

FOLDER: Final = Path(__file__).parent.parent / "app" / "static"
#: What shrinks; pictures and fonts are compressed already.
_TEXTS: Final = frozenset({".css", ".js", ".svg", ".json", ".txt", ".webmanifest"})
_WORTH_BYTES: Final = 1_000


def digest(folder: Path) -> str:
    """Return a short hash over all static files: a new release is a new address, for their relative links too."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def prepare(settings: Settings, folder: Path = FOLDER) -> Path:
    """Keep a compressed copy of the static files in the instance folder; once a release, before the server starts."""
    home = settings.instance.absolute() / "static"
    ready = home / digest(folder)
    if ready.is_dir():
        return ready
    home.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed: a start that is killed half-way leaves nothing that looks whole.
    aside = Path(tempfile.mkdtemp(dir=home)) / ready.name
    shutil.copytree(folder, aside)
    for path in aside.rglob("*"):
        if path.suffix in _TEXTS and path.stat().st_size > _WORTH_BYTES:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    for old in home.iterdir():
        if old != aside.parent:
            shutil.rmtree(old)
    try:
        aside.rename(ready)
    except OSError:
        # Another server that starts at the same time was first; its copy is the same.
        shutil.rmtree(aside)
    aside.parent.rmdir()
    return ready


def install(app: Flask, settings: Settings, folder: Path = FOLDER) -> None:
    """Serve ``folder`` under ``/static/<hash>/``, compressed where `prepare` ran, and give templates `asset()`."""
    folder.mkdir(exist_ok=True)
    mimetypes.add_type("text/javascript", ".js")
    name = digest(folder)
    prepared = settings.instance.absolute() / "static" / name
    prefix = f"/static/{name}/"
    headers = response_headers(settings)

    def add_headers(given: Any, _path: str, _url: str) -> None:
        for header, value in headers.items():
            given[header] = value

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(prepared if prepared.is_dir() else folder), prefix=prefix, max_age=None,
        immutable_file_test=lambda *_: True, add_headers_function=add_headers, allow_all_origins=False, charset="utf-8",
    )  # fmt: skip

    def asset(path: str) -> str:
        return f"{prefix}{path}"

    app.jinja_env.globals["asset"] = asset
