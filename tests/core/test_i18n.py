"""Messages and labels: the reader's language, or the nearest there is."""

from app.core.errors import DomainError, Refusal
from app.core.i18n import _, label_in, spoken


def test_a_message_fills_in_what_it_says():
    inner = _("Fault cause")
    assert str(_("Fill in: %(fields)s.", fields=inner)) == "Fill in: Fault cause."
    assert _("100 % sure").in_("en") == "100 % sure"


def test_a_label_falls_back_to_another_language():
    assert label_in({"zh_Hans": "状态", "en": "State"}, "en") == "State"
    assert label_in({"zh_Hans": "状态"}, "en") == "状态"
    assert label_in({}, "en") == ""
    assert spoken({"en": "State"}, "en") == "State"


def test_an_error_says_all_its_reasons():
    error = DomainError.of([Refusal(_("Too long."), "name"), Refusal(_("Missing."))])
    assert str(error) == "name: Too long.; Missing."
