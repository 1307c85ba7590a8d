"""``python -m tests.bench.table``: every bench on both databases. `make bench` starts PostgreSQL around it."""

import argparse
import json
import subprocess
import sys

from app.bench import BENCHES

DATABASES = ("sqlite", "postgresql")
#: These do not touch a database that matters.
ONCE = {"startup", "pdf"}


def main() -> int:
    """Run each bench in a process of its own; the exit code is the number of benches that failed."""
    options = argparse.ArgumentParser()
    options.add_argument("names", nargs="*")
    options.add_argument("--rows")
    given = options.parse_args()
    BENCHES.scan()
    failed = 0
    print(f"{'metric':24}{'database':12}{'rows':>10}{'ours':>12}{'limit':>12}{'ratio':>8}  unit")  # noqa: T201
    for name in given.names or BENCHES.names():
        for database in DATABASES[: 1 if name in ONCE else 2]:
            command = [sys.executable, "-m", "app.cli.process", "bench", name, "--database", database, "--json"]
            if given.rows:
                command += ["--rows", given.rows]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            for line in done.stdout.splitlines():
                row = json.loads(line)
                print(  # noqa: T201
                    f"{row['metric']:24}{row['database']:12}{row['rows']:>10}{row['ours']:>12.4g}"
                    f"{row['limit']:>12.4g}{row['ratio']:>8.2f}  {row['unit']}",
                    flush=True,
                )
            if done.returncode:
                failed += 1
                print(f"{name} on {database} failed: {done.stderr.strip().splitlines()[-1:]}")  # noqa: T201
    return failed


if __name__ == "__main__":
    sys.exit(main())
