"""`gongdan serve` and `gongdan worker`."""

import signal
from types import FrameType

import click

from app.cli import main
from app.cli.houses import opened
from app.config import Settings
from app.logging import set_up_logging
from app.supervisor import Supervisor
from app.worker import Worker


@main.command()
@click.option("--no-worker", is_flag=True, help="Only the web server: workers run elsewhere.")
def serve(*, no_worker: bool) -> None:
    """Start the web server and a worker, wait until they are healthy, print the address."""
    Supervisor(Settings.from_environment(), worker=not no_worker).run()


@main.command()
def worker() -> None:
    """Run one worker: background jobs, outbox, clockwork. On PostgreSQL any number may run."""
    with opened() as house:
        set_up_logging(house.settings.log_level)
        one = Worker(house)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            one.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        one.run()


@main.command("web", hidden=True)
def web() -> None:
    """Run the web server alone, in this process: what `serve` starts."""
    from app.server import serve_web  # noqa: PLC0415 - pulls in the whole of the web, which other commands need not

    serve_web(Settings.from_environment())
