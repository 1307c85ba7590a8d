"""``python -m app.cli.process web|worker``: a child of the supervisor, which goes when its parent goes."""

import ctypes
import signal
import sys

from app.cli import main

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    # A supervisor that was killed cannot stop its children, and they would keep the port.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
main()
