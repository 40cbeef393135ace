"""A notice as an e-mail."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from .models import Delivery, Notice
from .refusal import NotDelivered, masked


def send(delivery: Delivery) -> None:
    """Send it to its recipient; raises NotDelivered with the mail server's words.

    A mail that the server refuses for good (5xx to sender, recipient or content) is not worth another try. A server
    that cannot be reached or does not let the system in is: that is mended by whoever keeps the server, not the mail.
    """
    try:
        _post(_message(delivery))
    except SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        raise NotDelivered(_said(code, words), final=code >= 500) from refused
    except (SMTPSenderRefused, SMTPDataError) as refused:
        said = _said(refused.smtp_code, refused.smtp_error)
        raise NotDelivered(said, final=refused.smtp_code >= 500) from refused
    except SMTPResponseException as refused:
        said = _said(refused.smtp_code, refused.smtp_error)
        raise NotDelivered(f"邮件服务器不接受本系统的连接：{said}") from refused
    except (SMTPException, OSError) as broken:
        raise NotDelivered(f"连不上邮件服务器（{type(broken).__name__}）") from broken


def _post(message: EmailMessage) -> None:
    """Django leaves the connection open where the server does not let it in."""
    connection = get_connection()
    try:
        connection.send_messages([message])
    finally:
        connection.close()


def _message(delivery: Delivery) -> EmailMessage:
    notice = delivery.notice
    # The same for every try, so that a mail program knows a doubled mail; a second installation has its own.
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    message_id = f"<{notice.created_at:%Y%m%d%H%M%S%f}.{delivery.pk}@{host}>"
    return EmailMessage(
        f"【洛江继续教育】{masked(notice.title)}",
        _text(notice),
        to=[notice.recipient.email],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )


def _text(notice: Notice) -> str:
    """Plain text with the way to the case; never more than the notice itself says."""
    address = settings.PUBLIC_URL.rstrip("/") + (notice.url or "/notices/")
    lines = [notice.title, "", *([notice.text, ""] if notice.text else []), address, ""]
    return "\n".join([*lines, "洛江区专业技术人员继续教育系统。请勿直接回复。"])


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
