"""Where a copy takes generations from: another server, or the state folder of one. What anybody may read there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError

from app.changes.transfer import log_lines
from app.changes.view import Changes
from app.generation import VERSION_NAME, Generation, current, kept, named_releases

MANIFEST: Final = "manifest.json"
# A list of versions or a manifest has no more bytes.
LARGEST: Final = 64 << 20
_PART: Final = 1 << 18
# Seconds to reach a server, and of its silence.
_TIMEOUT: Final = Timeout(connect=5.0, read=30.0)


class NotFollowed(Exception):
    """What the source has cannot be taken; the words say why."""


class WebOrigin:
    """Another server. Redirects are not followed. All methods raise NotFollowed."""

    def __init__(self, address: str) -> None:
        """Ask nothing yet."""
        self._address = address.rstrip("/")
        self._pool = PoolManager(maxsize=1, timeout=_TIMEOUT, retries=False)
        self._tag = self._asked = ""

    def offers(self, *, again: bool = False) -> dict[str, tuple[str, ...]] | None:
        """Give the versions that are kept, that which is served first, and the names of their releases.

        None, unless ``again``: as they were when ``taken`` was called.
        """
        known = {"If-None-Match": self._tag} if self._tag and not again else {}
        answer = self._ask("/version/", Accept="application/json", **known)
        if answer is None:
            raise NotFollowed(f"{self._address} is no server of ours")
        if answer.status == 304:
            answer.release_conn()
            return None
        try:
            said = json.loads(b"".join(bounded(_parts(answer), LARGEST)))
            rows = {each["version"]: tuple(map(str, each["releases"])) for each in said["versions"] if each["kept"]}
            found = {said["current"]: rows.get(said["current"], ()), **rows}
            right = all(map(VERSION_NAME.match, found))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotFollowed("its list of versions is none of ours") from error
        if not right:
            raise NotFollowed("its list of versions is none of ours")
        self._asked = answer.headers.get("ETag") or ""
        return found

    def taken(self) -> None:
        """Note that all is here that was on offer."""
        self._tag = self._asked

    def read(self, version: str, name: str, start: int = 0) -> tuple[int, Iterator[bytes]]:
        """Give the bytes of a file of a version, and from where on they are: ``start`` or 0."""
        part = {"Range": f"bytes={start}-"} if start else {}
        answer = self._ask(f"/version/{version}/files/{quote(name)}", **part)
        if answer is None:
            raise NotFollowed(f"{name} of version {version} is not there")
        right = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        return (start if right else 0), _parts(answer)

    def log(self, version: str) -> Iterator[bytes] | None:
        """Give the log of changes, as far as a version at least; None where none knows it."""
        answer = self._ask(f"/version/{version}/changes.jsonl")
        return None if answer is None else _parts(answer)

    def _ask(self, path: str, **headers: str) -> BaseHTTPResponse | None:
        """Give an answer whose body is not read yet, None for 404."""
        asked = {"Accept-Encoding": "identity", **headers}
        try:
            answer = self._pool.request(
                "GET", self._address + path, headers=asked, redirect=False, preload_content=False, decode_content=False
            )
        except (HTTPError, OSError, ValueError) as error:
            raise NotFollowed(f"the source does not answer: {error}") from error
        if answer.status in (200, 206, 304):
            return answer
        answer.close()
        if answer.status == 404:
            return None
        told = " It redirects: name the address itself." if 300 <= answer.status < 400 else ""
        raise NotFollowed(f"the source answers {answer.status} for {path}.{told}")


def _parts(answer: BaseHTTPResponse) -> Iterator[bytes]:
    try:
        while part := answer.read1(_PART):
            yield part
        answer.release_conn()
    except (HTTPError, OSError) as error:
        raise NotFollowed(f"the source broke off: {error}") from error
    finally:
        answer.close()


class FolderOrigin:
    """The state folder of another server, which is only read. Its methods are those of WebOrigin."""

    def __init__(self, state: Path) -> None:
        """Read nothing yet."""
        self._state = state

    def offers(self, *, again: bool = True) -> dict[str, tuple[str, ...]]:  # noqa: ARG002 - as WebOrigin has it
        """Give the versions that are kept, that which is served first, and the names of their releases."""
        found = {each.manifest.version: () for each in self._generations()}
        if not found:
            raise NotFollowed(f"{self._state} has no generation that can be read")
        named = named_releases(self._state)
        return {version: tuple(each.name for each in named if each.version == version) for version in found}

    def taken(self) -> None:
        """Do nothing: to look again is cheap."""

    def read(self, version: str, name: str, start: int = 0) -> tuple[int, Iterator[bytes]]:
        """Give the bytes of a file of a version, from ``start`` on."""
        generation = self._generation(version)
        if name == MANIFEST:
            return 0, iter([generation.manifest.for_copies().text().encode()])
        return start, _parts_of(generation.path / name, start)

    def log(self, version: str) -> Iterator[bytes] | None:
        """Give the log of changes, as far as a version at least; None where none knows it."""
        known = Changes.of(self._state, self._generation(version).manifest)
        if known.fault is not None:
            raise NotFollowed(f"its log of changes cannot be read: {known.fault}")
        return (line.encode() for line in log_lines(self._state, known.release.number)) if known.release else None

    def _generation(self, version: str) -> Generation:
        found = next((each for each in self._generations() if each.manifest.version == version), None)
        if found is None:
            raise NotFollowed(f"version {version} is no longer kept there")
        return found

    def _generations(self) -> list[Generation]:
        now = current(self._state)
        return [*([now] if now else []), *kept(self._state)]


def _parts_of(path: Path, start: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            while part := file.read(_PART):
                yield part
    except OSError as error:
        raise NotFollowed(f"{path} cannot be read: {error.strerror}") from error


def bounded(parts: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Give parts until they have too many bytes: NotFollowed."""
    for part in parts:
        if (most := most - len(part)) < 0:
            raise NotFollowed("the source sends more bytes than it should")
        yield part


def origin(followed: str) -> WebOrigin | FolderOrigin:
    """Give the source that a setting names."""
    return WebOrigin(followed) if followed.startswith(("http://", "https://")) else FolderOrigin(Path(followed))
