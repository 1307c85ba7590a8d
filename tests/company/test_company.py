"""The company's head of documents: kept, refused, audited, shown to whom it concerns."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.company.models import CompanyLogo
from app.company.profile import logo, profile, save
from app.core.audit import AuditEvent
from app.core.errors import ConflictError, DomainError, NotAllowedError
from tests.factories import people

NAMES = {"zh_Hans": "清澜电器", "zh_Hant": "清瀾電器", "en": "Qinglan Appliances"}


def drawn(color: Any = "teal", size: tuple[int, int] = (300, 100), kind: str = "PNG", mode: str = "") -> io.BytesIO:
    data = io.BytesIO()
    # Hardly pressed: a test's picture is drawn quickly rather than small.
    Image.new(mode or ("RGBA" if kind == "PNG" else "RGB"), size, color).save(data, kind, compress_level=1)
    data.seek(0)
    return data


def refusals(error: Any) -> set[tuple[str | None, str]]:
    return {(one.field, one.code) for one in error.value.refusals}


def test_before_anybody_kept_it_the_settings_say_the_name(work):
    known = profile(work)
    assert (known.name("en"), known.phone, known.logo, known.seen) == ("测试电器", "", "", None)


def test_what_is_kept_is_shown_in_each_language_and_audited(work):
    values = {"names": NAMES, "address": "深圳市南山区", "phone": "400-000-6688", "email": "a@b.example"}
    save(work, values, seen=None, picture=drawn())
    known = profile(work)
    assert [known.name(one) for one in NAMES] == list(NAMES.values())
    assert (known.address, known.phone, known.email) == tuple(values[one] for one in ("address", "phone", "email"))
    image = Image.open(io.BytesIO(logo(work, known.logo) or b""))
    assert (image.format, image.size) == ("PNG", (300, 100))
    save(work, {"phone": "0755-1"}, seen=known.seen)
    changes = work.session.scalars(
        select(AuditEvent.changes).where(AuditEvent.table_name == "company_profile").order_by(AuditEvent.id)
    ).all()
    assert changes[0]["names"] == [None, NAMES]
    assert changes[1]["phone"] == ["400-000-6688", "0755-1"]
    assert profile(work).logo == known.logo


def test_a_new_logo_takes_the_place_of_the_old_and_may_be_taken_off(work):
    save(work, {"names": NAMES}, seen=None, picture=drawn("teal"))
    first = profile(work)
    save(work, {}, seen=first.seen, picture=drawn("red", kind="JPEG"))
    second = profile(work)
    assert second.logo not in ("", first.logo)
    assert work.session.scalar(select(func.count()).select_from(CompanyLogo)) == 1
    save(work, {}, seen=second.seen, without_logo=True)
    assert (profile(work).logo, logo(work, second.logo), logo(work, "")) == ("", None, None)


def test_a_large_logo_is_made_small_and_its_empty_margin_cut(work):
    image = Image.new("RGBA", (4000, 2000), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (500, 500, 3500, 1500))
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=1)
    data.seek(0)
    save(work, {"names": NAMES}, seen=None, picture=data)
    small = Image.open(io.BytesIO(logo(work, profile(work).logo) or b""))
    assert small.size == (960, 320)


@pytest.mark.parametrize(("data", "code"), [
    (b"", "empty_file"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "broken_image"),
    (b"\x89PNG\r\n\x1a\n broken", "broken_image"), (b"x" * (5 * 1024 * 1024 + 1), "too_large"),
    (drawn((0, 0, 0, 0)).getvalue(), "broken_image"), (drawn(0, (6000, 5000), mode="1").getvalue(), "too_many_pixels"),
], ids=["empty", "svg", "broken", "large", "transparent", "pixels"])  # fmt: skip
def test_what_is_no_logo_is_refused_at_its_field(make_work, data: bytes, code: str):
    work = make_work()
    with pytest.raises(DomainError) as error, work.session.begin_nested():
        save(work, {"names": NAMES}, seen=None, picture=io.BytesIO(data))
    assert refusals(error) == {("logo", code)}


@pytest.mark.parametrize(("values", "refused"), [
    ({"names": {}}, ("names", "required")), ({"names": {"en": "x" * 121}}, ("names", "too_long")),
    ({"names": NAMES, "email": "nobody"}, ("email", "not_email")),
    ({"names": NAMES, "phone": "1" * 81}, ("phone", "too_long")),
    ({"names": NAMES, "colour": "red"}, ("colour", "unknown_field")),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(work, values: dict[str, Any], refused: tuple[str, str]):
    with pytest.raises(DomainError) as error:
        save(work, values, seen=None)
    assert refusals(error) == {refused}


def test_nobody_overwrites_what_he_has_not_seen(work):
    save(work, {"names": NAMES}, seen=None)
    with pytest.raises(ConflictError):
        save(work, {"phone": "1"}, seen=None)


def test_only_an_administrator_changes_it(make_work):
    for role in ("dispatcher", "outlet_manager", "auditor"):
        with pytest.raises(NotAllowedError):
            save(make_work(people.role_actor(role)), {"names": NAMES}, seen=None)


def test_the_screen_keeps_refuses_and_shows(client_as):
    admin, auditor = client_as("administrator"), client_as("auditor")
    seen = ""
    posted = {"names-en": "Qinglan <b>Co</b>", "phone": "400", "email": "wrong", "seen": seen}
    refused = admin.post("/settings/company/", data=posted)
    assert refused.status_code == 422
    assert "Qinglan &lt;b&gt;Co&lt;/b&gt;" in refused.text
    saved = admin.post("/settings/company/", data={**posted, "email": "", "logo": (drawn(), "logo.png")})
    assert saved.status_code == 302
    page = admin.get("/settings/company/").text
    assert "Qinglan &lt;b&gt;Co&lt;/b&gt;" in page
    address = page.partition('src="/settings/company/logo/')[2].partition('"')[0]
    shown = auditor.get(f"/settings/company/logo/{address}")
    assert (shown.status_code, shown.mimetype, shown.data[:4]) == (200, "image/png", b"\x89PNG")
    assert auditor.get("/settings/company/logo/none.png").status_code == 404
    locked = auditor.get("/settings/company/").text
    assert "<fieldset disabled" in locked
    assert auditor.post("/settings/company/", data=posted).status_code == 403
    assert client_as("clerk").get("/settings/company/").status_code == 403
    stale = admin.post("/settings/company/", data={**posted, "email": ""})
    assert stale.status_code == 422
    assert "Qinglan" in admin.get("/audit/?table=company_profile").text
