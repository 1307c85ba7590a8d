"""How much a web process works until it is ready, and how much memory it then has."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.house import House

TIMED = """
import sys, time, resource
{body}
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
OURS = "from app.config import Settings\nfrom app.factory import create_app\ncreate_app(Settings.from_environment())"
BARE = """
import flask, sqlalchemy
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla.base import SQLA
app = flask.Flask('bare')
app.config.update(SQLALCHEMY_DATABASE_URI='sqlite://', SECRET_KEY='x' * 32, FAB_UPDATE_PERMS=False, FAB_CREATE_DB=False)
with app.app_context():
    AppBuilder(app, SQLA(app).session)
"""
#: What one web process may have, in MB.
MOST_MEMORY = 250.0


@BENCHES.register
class Startup(Bench):
    """A process from nothing to a ready application, five times; the least counts: CPU is never too little."""

    name = "startup"
    about = "seconds of CPU from process start to a ready application, against a bare Flask-AppBuilder"
    rows = 1

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure ours and the bare one in turn, so that a slow moment of the machine hits both."""
        del house
        ours, bare = [], []
        # An installed house is compiled; where Python is told to write nothing, each start would compile it anew.
        with tempfile.TemporaryDirectory(prefix="gongdan-bench-") as compiled:
            for body in (OURS, BARE):
                _ready(body, compiled)
            for _round in range(5):
                ours.append(_ready(OURS, compiled))
                bare.append(_ready(BARE, compiled))
        seconds, memory = min(ours)
        yield Measurement("startup", rows, seconds, min(bare)[0], "s CPU")
        yield Measurement("web_memory", rows, memory, MOST_MEMORY, "MB")


def _ready(body: str, compiled: str) -> tuple[float, float]:
    """Return the seconds of CPU and the MB of a process that is ready; byte code is kept in the folder ``compiled``."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = kept | {"PYTHONPYCACHEPREFIX": compiled}
    command = [sys.executable, "-W", "ignore", "-c", TIMED.format(body=body)]
    printed = subprocess.run(  # noqa: S603 - our own code
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout
    seconds, memory = printed.split()[-2:]
    return float(seconds), float(memory)
