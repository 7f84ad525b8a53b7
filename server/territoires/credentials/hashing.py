"""Secrets as they are stored: scrypt (RFC 7914) with a salt of their own."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final, Self

_N: Final = 2**14
_R: Final = 8
_P: Final = 1
_SALT: Final = 16
_MEMORY: Final = 2**26
"""Bytes that scrypt may take; these parameters need a quarter of it."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A secret that can be recognised but not read; salt and key in hexadecimal."""

    salt: str
    key: str
    n: int = _N
    r: int = _R
    p: int = _P

    @classmethod
    def of(cls, secret: str) -> Self:
        """Return `secret` hashed with a new salt; takes about 50 ms."""
        salt = secrets.token_bytes(_SALT)
        return cls(salt.hex(), _derive(secret, salt, _N, _R, _P).hex())

    def fits(self, secret: str) -> bool:
        """Return whether this is the hash of `secret`; takes as long when it is not."""
        key = _derive(secret, bytes.fromhex(self.salt), self.n, self.r, self.p)
        return hmac.compare_digest(key, bytes.fromhex(self.key))


def _derive(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


NOBODY: Final = Hashed("00" * _SALT, "00" * 32)
"""What the secret of an unknown name is compared with, so that it takes as long as that of a known one."""
