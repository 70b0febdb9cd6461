"""What lets somebody in to edit: the secret of this state folder, links for one login, and logins that are open.

All are files in the state folder, shared by all processes. The name that a browser has for its login stands in no file:
what is kept goes by its digest, and the provider's token (needed to log out there, and full of what a provider knows of
a person) can only be read with the name.
"""

import hashlib
import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = "editing"
# So long (seconds) a link for one login may be used.
LINK_LASTS: Final = 900


def folder(state: Path) -> Path:
    """Give the folder of what editing keeps beside proposals: for nobody else's eyes."""
    found = state / FOLDER
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads: whole, or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def secret(state: Path) -> bytes:
    """Give the secret that signs what is handed out, made at the first call; the same for every process."""
    path = folder(state) / "secret"
    with suppress(FileNotFoundError):
        return bytes.fromhex(path.read_text(encoding="ascii"))
    part = path.with_name(f".secret.{secrets.token_hex(8)}")
    try:
        write_private(part, secrets.token_hex(32))
        with suppress(FileExistsError):  # another process was first
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
    return bytes.fromhex(path.read_text(encoding="ascii"))


def new_link(state: Path) -> str:
    """Give the token of a link for one login; those given before are no longer good."""
    token = secrets.token_urlsafe(32)
    place = folder(state)
    for old in place.glob("link-*"):
        old.unlink(missing_ok=True)
    write_private(place / _name(token), str(time.time() + LINK_LASTS))
    return token


def is_good(state: Path, token: str) -> bool:
    """Say whether a token can still be spent."""
    try:
        return float((folder(state) / _name(token)).read_text(encoding="ascii")) > time.time()
    except (OSError, ValueError):
        return False


def spend(state: Path, token: str) -> bool:
    """Spend a token; False when it was none, too old, or has been spent: of several at once one is True."""
    good = is_good(state, token)
    try:
        (folder(state) / _name(token)).unlink()
    except FileNotFoundError:
        return False
    return good


def _name(token: str) -> str:
    return f"link-{hashlib.sha256(token.encode()).hexdigest()}"


# So many logins are open at once; a new one ends the oldest.
MOST: Final = 500
ROLES: Final = ("editor", "reviewer")


@dataclass(frozen=True, slots=True)
class Login:
    """An open login: its role, an opaque name for who it is, when it ends; for the provider a sealed token."""

    role: str
    sender: str
    ends: float
    token: str = ""


class Logins:
    """The open logins of a state folder."""

    def __init__(self, state: Path) -> None:
        """Keep them below the state folder; it is made when somebody logs in."""
        self._state = state

    def get(self, name: str) -> Login | None:
        """Give the login that a browser has a name for; None when there is none, or it has ended."""
        try:
            found = Login(**json.loads(self._path(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return found if found.ends > time.time() and found.role in ROLES else None

    def put(self, name: str, login: Login) -> None:
        """Keep a login; those that have ended go, and the oldest where there are too many."""
        path = self._path(name)
        now, found = time.time(), sorted((_ends(each), each) for each in path.parent.glob("*.json"))
        for number, (ends, each) in enumerate(found):
            if ends <= now or number <= len(found) - MOST:
                each.unlink(missing_ok=True)
        document = {"role": login.role, "sender": login.sender, "ends": login.ends, "token": login.token}
        write_private(path, json.dumps(document))

    def end(self, name: str) -> None:
        """End a login."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        place = folder(self._state) / "logins"
        place.mkdir(mode=0o700, exist_ok=True)
        return place / f"{hashlib.sha256(name.encode()).hexdigest()}.json"


def _ends(path: Path) -> float:
    """Give when the login in a file ends; what is none has ended."""
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["ends"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0
