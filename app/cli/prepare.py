"""``python -m app.cli.prepare``: what `make serve` does before the server: the first run sets everything up."""

import os
import sys

from app.cli import main
from app.config import ConfigError, Settings
from app.house import open_house
from app.install import is_installed


def ready() -> bool:
    """Whether the installation needs nothing: then the start is quick."""
    settings = Settings.from_environment()
    settings.instance.mkdir(parents=True, exist_ok=True)
    house = open_house(settings)
    try:
        return is_installed(house.engine)
    finally:
        house.engine.dispose()


if __name__ == "__main__":
    try:
        done = ready()
    except ConfigError as error:
        sys.exit(f"gongdan: {error}")
    except OSError as error:
        sys.exit(f"gongdan: cannot write to the data folder {error.filename}: {os.strerror(error.errno or 0)}")
    if not done:
        sys.argv = ["gongdan", "init", "--demo"]
        main()
