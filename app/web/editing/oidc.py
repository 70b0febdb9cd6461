"""OpenID Connect: the authorization code flow with PKCE (OpenID Connect Core 1.0 §3.1; RFC 7636; RFC 9207).

Nothing is kept of a login that is under way: ``state`` is signed and holds the browser's name (its digest) and where to
go afterwards, ``nonce`` and the code verifier are signatures of it. So no cookie grows, and logins that somebody gives
up leave nothing. Of a person only the role and a digest of ``sub`` under our secret is kept.
"""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.config import Settings
from app.errors import SettingError
from app.web.editing.session import is_loopback, signed


def sealed(token: str, name: str) -> str:
    """Make a text unreadable for who does not have the name of the login."""
    return _seal(name).encrypt(token.encode()).decode()


def opened(text: str, name: str) -> str:
    """Make it readable again; raises ValueError when it was not sealed with this name."""
    try:
        return str(_seal(name).decrypt(text.encode()).decode())
    except InvalidToken as error:
        raise ValueError from error


def _seal(name: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"token {name}".encode()).digest()))


# So long (seconds) somebody may take to log in at the provider.
_UNDER_WAY: Final = 900
_TIMEOUT: Final = 5.0
# So long what the provider says of itself is good; a key that we do not know is asked for at once.
_KEPT: Final = 3600.0
_LEEWAY: Final = 120
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class ProviderSilent(Exception):
    """The provider cannot be asked, or what it answers is no answer of a provider."""


class NotLoggedIn(Exception):
    """The provider's answer does not log anybody in: refused, too old, of another browser, or not genuine."""


class Provider:
    """The provider of the settings; nothing is asked of it before somebody logs in."""

    silent, refused = ProviderSilent, NotLoggedIn
    sealed = staticmethod(sealed)

    def __init__(self, settings: Settings, secret: bytes) -> None:
        """Read what is known of it; raises SettingError."""
        if not settings.oidc_client or not settings.public_address:
            raise SettingError(
                "A login by OpenID Connect needs INNHERRED_OIDC_CLIENT and INNHERRED_PUBLIC_ADDRESS too."
                " See docs/how-to/set-up-editing.md."
            )
        public = urlsplit(settings.public_address)
        if public.scheme != "https" and not is_loopback(public.hostname or ""):
            raise SettingError("INNHERRED_PUBLIC_ADDRESS has to begin with https:// where people log in.")
        self._settings, self._client = settings, settings.oidc_client
        self._issuer = settings.oidc_issuer or ""
        self._home = settings.public_address.rstrip("/")
        self._password = settings.oidc_secret or _in_file(settings.oidc_secret_file)
        self._states = URLSafeTimedSerializer(secret, salt="login", signer_kwargs={"digest_method": hashlib.sha256})
        self._lock = Lock()
        self._about: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._asked = float("-inf")

    def address(self, browser: str, target: str) -> str:
        """Give where a browser logs in; afterwards it goes to ``target``. Raises ProviderSilent."""
        state = str(self._states.dumps([signed("browser", browser), target]))
        found, _ = self._session().create_authorization_url(
            self._told("authorization_endpoint"),
            state=state,
            nonce=signed("nonce", state),
            code_verifier=signed("verifier", state),
        )
        return str(found)

    def answered(self, browser: str, given: Mapping[str, str]) -> tuple[str | None, str, str, str]:
        """Take what the provider sent back: give the role (None: none), an opaque name, the ID token, where to go.

        Raises NotLoggedIn, ProviderSilent.
        """
        state = given.get("state", "")
        try:
            own, target = self._states.loads(state, max_age=_UNDER_WAY)
        except (BadData, ValueError, TypeError) as error:
            raise NotLoggedIn from error
        if own != signed("browser", browser) or given.get("iss", self._issuer) != self._issuer or "code" not in given:
            raise NotLoggedIn
        try:
            token = self._session().fetch_token(
                self._told("token_endpoint"),
                code=given["code"],
                code_verifier=signed("verifier", state),
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            raise NotLoggedIn from error
        except (requests.RequestException, ValueError) as error:
            raise ProviderSilent from error
        claims = self._claims(str(token.get("id_token", "")), signed("nonce", state))
        subject = str(claims["sub"])
        role = self._role(claims)
        if role is None:
            role = self._role(self._userinfo(str(token.get("access_token", "")), subject))
        return role, signed("sender", self._issuer, subject), str(token["id_token"]), str(target)

    def logout_address(self, token: str, name: str) -> str | None:
        """Give where a browser logs out at the provider too (RP-Initiated Logout 1.0); None where it has no such.

        ``token`` is the ID token as it is kept, sealed with the name of the login.
        """
        try:
            token = opened(token, name)
            end = self._about_provider().get("end_session_endpoint")
        except (ProviderSilent, ValueError):
            return None
        if not isinstance(end, str) or not end.startswith(("https://", "http://")):
            return None
        wanted = {"id_token_hint": token, "client_id": self._client, "post_logout_redirect_uri": f"{self._home}/"}
        return requests.Request("GET", end, params=wanted).prepare().url

    @property
    def looked_for(self) -> tuple[str, tuple[str, str]]:
        """Give where a role was looked for, and the values that are one."""
        return self._settings.oidc_roles, (self._settings.oidc_editor, self._settings.oidc_reviewer)

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self._client,
            self._password,
            token_endpoint_auth_method=None if self._password else "none",
            scope=" ".join(dict.fromkeys(["openid", *self._settings.oidc_scopes.split()])),
            redirect_uri=f"{self._home}/edit/login/callback",
            code_challenge_method="S256",
        )

    def _role(self, claims: Mapping[str, Any]) -> str | None:
        found: Any = claims
        for step in self._settings.oidc_roles.split():
            found = found.get(step) if isinstance(found, Mapping) else None
        values = found.split() if isinstance(found, str) else found if isinstance(found, list) else ()
        _, (editor, reviewer) = self.looked_for
        return "reviewer" if reviewer in values else "editor" if editor in values else None

    def _claims(self, token: str, nonce: str) -> CodeIDToken:
        """Check an ID token (Core §3.1.3.7) and give its claims; raises NotLoggedIn, ProviderSilent."""
        try:
            try:
                found = jwt.decode(token, self._key_set(), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):  # perhaps signed with a key that is newer than what we know
                found = jwt.decode(token, self._key_set(anew=True), algorithms=_ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client},
            }
            claims = CodeIDToken(found.claims, found.header, options, {"nonce": nonce, "client_id": self._client})
            claims.validate(leeway=_LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
            raise NotLoggedIn from error
        return claims

    def _key_set(self, *, anew: bool = False) -> KeySet:
        with self._lock:
            if anew or not self._keys:
                self._keys = _fetch(self._told_without_lock("jwks_uri"))
            try:
                return KeySet.import_key_set(self._keys)  # type: ignore[arg-type] # a document of the provider's
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise ProviderSilent from error

    def _userinfo(self, token: str, subject: str) -> Mapping[str, Any]:
        """Ask for the claims that the ID token does not hold (Core §5.3); they must be of the same person."""
        place = self._about_provider().get("userinfo_endpoint")
        if not isinstance(place, str):
            return {}
        found = _fetch(place, {"Authorization": f"Bearer {token}"})
        return found if found.get("sub") == subject else {}

    def _told(self, name: str) -> str:
        with self._lock:
            return self._told_without_lock(name)

    def _told_without_lock(self, name: str) -> str:
        found = self._read().get(name)
        if not isinstance(found, str):
            raise ProviderSilent
        return found

    def _about_provider(self) -> dict[str, Any]:
        with self._lock:
            return self._read()

    def _read(self) -> dict[str, Any]:
        """Give what the provider says of itself (Discovery 1.0), asked for once an hour."""
        if not self._about or time.monotonic() - self._asked > _KEPT:
            found = _fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise ProviderSilent
            self._about, self._asked = found, time.monotonic()
        return self._about


def _fetch(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = requests.get(address, headers=dict(headers or {}), timeout=_TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderSilent from error
    if not isinstance(found, dict):
        raise ProviderSilent
    return found


def _in_file(path: str | None) -> str | None:
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"INNHERRED_OIDC_SECRET_FILE: {path} cannot be read.") from error
