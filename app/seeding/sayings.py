"""What clerks, technicians and customers write, read from `sayings.yaml`."""

from pathlib import Path
from typing import Any, Final

import yaml

_TOLD: Final[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "sayings.yaml").read_text("utf-8"))
#: A note may stand at a step of that name.
NOTES: Final[dict[str, list[str]]] = _TOLD["notes"]
#: Stands where a step asks for a word and nothing is known of it.
ANYWAY: Final[list[str]] = _TOLD["anyway"]
COMPLAINTS: Final[list[dict[str, Any]]] = _TOLD["complaints"]
IT_FAULTS: Final[list[dict[str, str]]] = _TOLD["it_faults"]
#: What the company's own vans come in for.
VANS: Final[list[dict[str, Any]]] = _TOLD["vans"]
RETURNS: Final[list[dict[str, Any]]] = _TOLD["returns"]
