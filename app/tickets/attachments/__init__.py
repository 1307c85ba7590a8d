"""Files of tickets: taken in, kept outside the web root under random names, given out after one permission check."""

from app.tickets.attachments.reading import StoredFile, files_of, open_file, thumbnail
from app.tickets.attachments.storage import close_to_others, open_to_others
from app.tickets.attachments.sweeping import sweep_unclaimed
from app.tickets.attachments.uploading import UploadedFile, upload

__all__ = [
    "StoredFile", "UploadedFile", "close_to_others", "files_of", "open_file", "open_to_others", "sweep_unclaimed",
    "thumbnail", "upload",
]  # fmt: skip
