"""Which icons the sprite holds: those our sources name, and those an administrator may give to a template."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent

#: Icons nobody names in our sources: what an administrator may give a template, and what data names.
PICKABLE: Final = (
    "adjustments", "air-conditioning", "alert-circle", "ambulance", "archive", "armchair", "arrows-exchange", "award",
    "battery", "bell", "bolt", "box", "brand-wechat", "briefcase", "bug", "building", "building-store", "bulb",
    "calendar", "calendar-time", "camera", "car", "car-fan", "certificate", "charging-pile", "clipboard-check",
    "cloud", "coffee", "device-desktop", "device-laptop", "device-mobile", "device-tv", "device-watch", "droplet",
    "elevator", "engine", "file-invoice", "first-aid-kit", "flame", "forms", "fridge", "hammer", "headset",
    "heart-handshake", "home", "key", "leaf", "lifebuoy", "lock", "mail", "map-pin", "message-circle", "microwave",
    "package", "phone", "plug", "printer", "propeller", "recycle", "refresh", "replace", "robot", "router", "ruler",
    "school", "scooter", "server", "settings", "shield-check", "shopping-cart", "snowflake", "solar-panel", "spray",
    "star", "stethoscope", "sun", "temperature", "thumb-up", "ticket", "tool", "tools", "tractor", "truck",
    "truck-delivery", "user-check", "wash-machine", "wifi", "window", "wrecking-ball",
)  # fmt: skip

#: Icons that templates choose by a value.
CHOSEN: Final = (
    "arrows-sort", "bug", "check", "chevron-down", "chevron-up", "circle-check", "equal", "file-alert", "filter-off",
    "flame", "git-merge", "hourglass", "inbox", "info-circle", "lock", "map-search", "minus", "tools",
)  # fmt: skip

#: Where sources name icons: `ui.icon('x')` in pages, `icon="x"` in Python, `icon: x` in packs, data-icon in scripts.
ICON_NAMES: Final = (
    ("app/templates/**/*.html", re.compile(r"""icon\(\s*['"]([a-z0-9-]+)['"]""")),
    ("app/templates/**/*.html", re.compile(r"""icon=['"]([a-z0-9-]+)['"]""")),
    ("app/static/js/*.js", re.compile(r"""icon\(\s*['"]([a-z0-9-]+)['"]""")),
    ("views/**/*.py", re.compile(r"""icon\s*(?::[^=\n]*)?=\s*["']([a-z0-9-]+)["']""")),
    ("views/menu.py", re.compile(r"""Entry\(_\("[^"]+"\), "([a-z0-9-]+)\"""")),
    ("app/**/*.py", re.compile(r"""icon\s*(?::[^=\n]*)?=\s*["']([a-z0-9-]+)["']""")),
    ("ticket_templates/**/*.py", re.compile(r"""icon\s*(?::[^=\n]*)?=\s*["']([a-z0-9-]+)["']""")),
    ("ticket_templates/packs/*.yaml", re.compile(r"""^icon:\s*["']?([a-z0-9-]+)["']?\s*$""", re.MULTILINE)),
)


def icons_used() -> set[str]:
    """Return the names of all icons our sources mention, and of those an administrator may pick."""
    found = {*PICKABLE, *CHOSEN}
    for pattern, name in ICON_NAMES:
        for path in ROOT.glob(pattern):
            found |= set(name.findall(path.read_text(encoding="utf-8")))
    return found
