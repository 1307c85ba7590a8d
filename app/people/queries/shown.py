"""Personal data as the actor may see it."""

from app.core.work import Work
from app.people import phones, privacy
from app.people.models import Phone, Site


def phone_shown(work: Work, phone: Phone) -> str:
    """Return a phone as the actor may see it, the extension kept."""
    return phone_text(phone, plain=privacy.may_see(work.actor))


def phone_text(phone: Phone, *, plain: bool) -> str:
    """Return a phone as people write it, or masked."""
    return phones.shown(phone.raw, phone.number) if plain else privacy.masked_phone(phone.tail)


def email_shown(work: Work, address: str | None) -> str:
    """Return an e-mail address as the actor may see it."""
    return (address or "") if privacy.may_see(work.actor) else privacy.masked_email(address)


def site_address(work: Work, site: Site) -> str:
    """Return region and address line as printed; without the right to personal data, the region and dots.

    A place that is known by its coordinates alone is told by them, to who may see where people live.
    """
    region = site.region.full_name if site.region else ""
    return address_text(work, site.address_line, region) or point_text(work, site.latitude, site.longitude)


def address_text(work: Work, address_line: str | None, region: str) -> str:
    """Return region and address line of the parts of a site."""
    line = (address_line or "") if privacy.may_see(work.actor) else privacy.masked_text(address_line)
    # Pasted from elsewhere, the line often begins with the region already.
    return line if region and line.startswith(region) else f"{region}{line}"


def point_text(work: Work, latitude: float | None, longitude: float | None) -> str:
    """Return coordinates as a map's search box takes them; nothing to who may not see where people live."""
    if latitude is None or longitude is None or not privacy.may_see(work.actor):
        return ""
    return ", ".join(f"{one:.6f}".rstrip("0").rstrip(".") for one in (latitude, longitude))
