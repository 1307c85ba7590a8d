"""The packs Gongdan ships with, brought into an installation."""

from app.core.work import Work
from ticket_templates import exchange


def install_packs(work: Work) -> list["exchange.PackResult"]:
    """Import each shipped pack whose template is not there yet; what an administrator made of it stays."""
    return [
        exchange.import_pack(work, path.read_bytes(), path.name)
        for path in exchange.shipped_packs()
        if not exchange.is_installed(work, path.stem)
    ]
