"""`gongdan serve` and `gongdan worker`. Each imports what it runs when it runs it: the supervisor stays light."""

import signal
from types import FrameType

import click

from app import installed
from app.cli import main
from app.config import ConfigError, Settings


@main.command()
@click.option("--no-worker", is_flag=True, help="Only the web server: workers run elsewhere.")
@click.option("--set-up", is_flag=True, help="First do what `gongdan init` does, if anything is to be done; "
              "the first time with the demo company.")  # fmt: skip
def serve(*, no_worker: bool, set_up: bool) -> None:
    """Start the web server and a worker, wait until they are healthy, print the address."""
    from app.supervisor import Supervisor  # noqa: PLC0415 - see above

    try:
        Supervisor(Settings.from_environment(), worker=not no_worker, set_up=set_up).run()
    except ConfigError as error:
        if not set_up:
            raise
        # `make serve` has set it up: to any code but 1 make adds a line of its own.
        click.echo(f"gongdan: {error}", err=True)
        raise click.exceptions.Exit(1) from None


@main.command()
def worker() -> None:
    """Run one worker: background jobs, outbox, clockwork. On PostgreSQL any number may run."""
    from app.cli.houses import opened  # noqa: PLC0415
    from app.logging import set_up_logging  # noqa: PLC0415
    from app.worker import Worker  # noqa: PLC0415

    # One that is away is waited for.
    if not (now := installed.look(Settings.from_environment())).trouble:
        installed.demand_complete(now)
    with opened(unready=True, make_keys=True) as house:
        set_up_logging(house.settings)
        one = Worker(house)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            one.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        one.run()


@main.command("web", hidden=True)
def web() -> None:
    """Run the web server alone, in this process: what `serve` starts."""
    from app.server import serve_web  # noqa: PLC0415

    serve_web(Settings.from_environment())
