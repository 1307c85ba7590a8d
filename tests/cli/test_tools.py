"""`make test` on a machine that lacks something: named, where it cannot be installed, and nothing goes on."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def programs(folder, **scripts):
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        path.chmod(0o755)
    return {"PATH": str(folder)}


def test_what_is_missing_is_named_to_who_may_not_install(tmp_path):
    environment = programs(tmp_path, id="echo 1000", ls="exit 1")
    command = ["/bin/sh", "tests/tools.sh"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("gongdan: the tests need chromium")
    assert "postgresql" in line
    assert line.endswith(": install them and run make test again")
