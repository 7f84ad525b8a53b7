"""Who we are to a remote server: read from the environment, so that no list of processes shows it."""

from __future__ import annotations

import base64
import os
import urllib.request
from collections.abc import Mapping
from threading import Lock
from typing import Final

CREDENTIALS: Final = "TERRITOIRES_ENGINE_CREDENTIALS"
"""Environment variable: `user:password`, or `Bearer TOKEN`, for the addresses of `--engine` and `--graph-store`."""


class Credentials:
    """A name with its password, by the Basic or the Digest scheme (RFC 7617, RFC 7616), a token, or nothing.

    A password is sent only to who asks for it, and by the scheme that it asks for.
    """

    def __init__(self, text: str) -> None:
        """Take what the variable holds."""
        self._text = text
        self._scheme = "bearer" if text.startswith("Bearer ") else ""
        self._known = urllib.request.HTTPPasswordMgr()
        self._digest = urllib.request.HTTPDigestAuthHandler(self._known)
        self._challenge: dict[str, str] = {}
        self._lock = Lock()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Credentials:
        """Return those of TERRITOIRES_ENGINE_CREDENTIALS."""
        return cls(environ.get(CREDENTIALS, "").strip())

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the header `Authorization` of a request, if there is one."""
        match self._scheme:
            case "bearer":
                return {"Authorization": self._text}
            case "basic":
                return {"Authorization": f"Basic {base64.b64encode(self._text.encode()).decode()}"}
            case "digest":
                request = urllib.request.Request(url, method=method)  # noqa: S310  (only its parts are read)
                with self._lock:
                    return {"Authorization": f"Digest {self._digest.get_authorization(request, self._challenge)}"}
        return {}

    def challenged(self, header: str, url: str) -> bool:
        """Take the `WWW-Authenticate` of an answer 401; return whether the same request may be sent once more."""
        scheme, _, rest = header.partition(" ")
        user, colon, password = self._text.partition(":")
        if scheme.lower() not in {"basic", "digest"} or not colon or self._scheme == "bearer":
            return False
        with self._lock:
            if scheme.lower() == "digest":
                said = filter(None, urllib.request.parse_http_list(rest))
                self._challenge = urllib.request.parse_keqv_list(list(said))
                self._known.add_password(self._challenge.get("realm", ""), url, user, password)
            self._scheme = scheme.lower()
        return True
