"""Behind a reverse proxy: forwarded headers count only when a configured proxy sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.middleware.proxy_fix import ProxyFix

from territoires.settings import Networks


class TrustedProxies:
    """WSGI middleware: `X-Forwarded-For/-Proto/-Host/-Prefix` of trusted peers become the address of the request.

    Args:
        app: what answers.
        trusted: peers whose headers count; those of anyone else are ignored.
    """

    def __init__(self, app: WSGIApplication, trusted: Networks) -> None:
        self._app = app
        self._forwarded: Callable[..., Any] = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
        self._trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        trusted = self._is_trusted(environ.get("REMOTE_ADDR", ""))
        answer: Iterable[bytes] = (self._forwarded if trusted else self._app)(environ, start_response)
        return answer

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)
