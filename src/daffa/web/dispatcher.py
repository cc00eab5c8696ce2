"""The small dispatcher in front: model routes go to plain ASGI, all else to the framework. Knows paths, nothing else.

The framework's own mount would rewrite paths, and would let ``/v1x`` through to a route of ``/v1``.
"""

from __future__ import annotations

from .asgi import ASGIApp, Receive, Scope, Send

__all__ = ["dispatch"]


def dispatch(prefixes: tuple[str, ...], models: ASGIApp, framework: ASGIApp) -> ASGIApp:
    """An application that sends HTTP requests under one of ``prefixes`` (each ends in ``/``) to ``models``."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(prefixes):
            await models(scope, receive, send)
        else:
            await framework(scope, receive, send)

    return application
