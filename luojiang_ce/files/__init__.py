"""Attachments: storage, checks by content, access through the case, photographs' EXIF."""
