"""How servers are trusted: by the system's certificates, for their own name, TLS 1.2 on. Knows no HTTP and no address."""

from __future__ import annotations

import ssl
import time
from typing import Any

__all__ = ["ClientContext"]

# A resumed session shows no certificate: one that has expired since would not be noticed.
_SESSION_SECONDS = 3_600


class ClientContext(ssl.SSLContext):
    """As ``ssl.create_default_context()`` makes it, and it takes a server's last session up again: a shorter handshake.

    The event loops have no place to give a session, but ask the context for each connection.
    """

    _sessions: dict[str, ssl.SSLSession]

    @classmethod
    def trusting(cls, certificates: str | None = None) -> ClientContext:
        """Trust the system's certificates, or only those of the file ``certificates`` (PEM).

        The system's are what OpenSSL finds: the variables ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` say otherwise.
        """
        context = cls(ssl.PROTOCOL_TLS_CLIENT)  # certificate required, name checked, TLS 1.2 at least
        context._sessions = {}
        context.set_alpn_protocols(["http/1.1"])
        if certificates is None:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            context.load_verify_locations(certificates)
        return context

    def wrap_bio(self, *args: Any, **named: Any) -> ssl.SSLObject:
        """See ``ssl.SSLContext.wrap_bio``."""
        session = self._sessions.get(named.get("server_hostname") or "")
        if session is not None and session.time + _SESSION_SECONDS > time.time():
            named["session"] = session
        return super().wrap_bio(*args, **named)

    def keep_session(self, tls: ssl.SSLObject) -> None:
        """Remember the session of a connection that has served. One that was itself taken up is not: its certificate is old."""
        if not tls.session_reused and tls.session is not None and tls.server_hostname is not None:
            self._sessions[tls.server_hostname] = tls.session
