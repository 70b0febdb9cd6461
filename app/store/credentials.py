"""Credentials for one server: sent only when it asks for them, by Digest (RFC 7616) rather than Basic (RFC 7617)."""

import base64
import threading
from collections.abc import Iterable
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
    parse_http_list,
    parse_keqv_list,
)


class Credentials:
    """A user and a password; threads may share them."""

    def __init__(self, address: str, user: str, password: str | None) -> None:
        """Keep them for the server of an address."""
        self._pair = f"{user}:{password or ''}"
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, address, user, password or "")
        self._digest = HTTPDigestAuthHandler(passwords)
        self._challenge: dict[str, str] | None = None
        self._basic = False
        self._lock = threading.Lock()

    def accept(self, challenges: Iterable[str]) -> bool:
        """Take up a challenge (RFC 9110 §11.6.1); say whether there is one that can be answered."""
        given = {scheme.lower(): rest for scheme, _, rest in (each.partition(" ") for each in challenges)}
        with self._lock:
            if "digest" in given:
                self._challenge = parse_keqv_list([part for part in parse_http_list(given["digest"]) if part])
            self._basic = "basic" in given
            return self._challenge is not None or self._basic

    def headers(self, request: Request) -> dict[str, str]:
        """Give the header that answers the last challenge; none before the first, or for an unknown algorithm."""
        with self._lock:
            if self._challenge is not None:
                try:
                    found = self._digest.get_authorization(request, self._challenge)
                except ValueError:
                    return {}
                return {"Authorization": f"Digest {found}"} if found else {}
            if self._basic:
                return {"Authorization": "Basic " + base64.b64encode(self._pair.encode()).decode("ascii")}
        return {}
