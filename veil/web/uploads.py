"""Uploads stay in memory: a temporary file in the clear is what a seized disk yields."""
# ruff: noqa: ARG002, N803  (Django's signature)

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload


class MemoryOnly(MemoryFileUploadHandler):
    """Takes what fits in memory, and refuses the rest."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Refuse a body that is larger than the limit before any of it is read."""
        if content_length > 64 * 1024 * 1024:
            raise StopUpload(connection_reset=True)
        self.activated = True
