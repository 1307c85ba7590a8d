"""Packs coming in: a file, or the text that was previewed."""

from contextlib import closing

from wtforms import HiddenField

from app.core.i18n import Message, _
from forms.base import HouseForm, UploadField
from ticket_templates.exchange.reading import MOST_BYTES


class PackForm(HouseForm):
    """Upload first (``file``), then confirm what the preview showed (``content`` and its ``filename``)."""

    file = UploadField(_("Pack (a .yaml file)"))  # type: ignore[arg-type] # labels are messages, spoken with |t
    content = HiddenField()
    filename = HiddenField()

    def pack(self) -> tuple[bytes, str]:
        """Return content and name of what came in; the content is empty when nothing did.

        One byte more than a pack may have is read, so that a larger file is refused and not held in memory.
        """
        upload = self.file.data
        if upload:
            with closing(upload):
                return upload.stream.read(MOST_BYTES + 1), upload.filename[:200]
        # Browsers send the lines of a form with CR LF.
        text = (self.content.data or "").replace("\r\n", "\n")
        return text.encode("utf-8", "replace"), (self.filename.data or "")[:200]

    @property
    def confirmed(self) -> bool:
        """Whether the preview was seen."""
        return bool(self.content.data) and not self.file.data


NOTHING: Message = _("Choose a pack first.")
