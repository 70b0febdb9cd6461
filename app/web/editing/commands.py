"""Commands that are started for who presses a button and go on without the server: ``innherred proposals …``.

Each writes what it says into a file below the state folder, for every proposal that it is about. While it runs it holds
a lock on that file, whoever started it and whatever became of that process; there is no number of a process to mistake.
"""

import fcntl
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.config import RUN, Settings
from app.editing.entrance import folder
from app.editing.proposals import NAME
from app.web.operations import FOLDER

_COMMAND: Final = (sys.executable, "-P", "-m", "app.cli", "proposals")
# So much of what a command says is shown, and so many such files are kept.
_SHOWN: Final = 8000
_KEPT: Final = 200
# What a command does not need to know, or must not count into.
_OWN: Final = (RUN, FOLDER, "INNHERRED_OIDC_SECRET", "INNHERRED_OIDC_SECRET_FILE", "LC_ALL", "LANGUAGE")


def start(settings: Settings, what: str, names: Sequence[str], options: Iterable[str], language: str) -> bool:
    """Start a command about proposals; False when it runs for one of them already. Its words are in a language."""
    place = _folder(settings)
    with (place / "lock").open("a") as one:
        fcntl.flock(one, fcntl.LOCK_EX)
        if any(is_running(settings, what, name) for name in names):
            return False
        _clean(place)
        part = place / f".{secrets.token_hex(8)}"
        output = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(output, fcntl.LOCK_EX)
            for name in names:
                link = place / f".{secrets.token_hex(8)}"
                os.link(part, link)
                link.replace(_path(settings, what, name))
            process = subprocess.Popen(
                [*_COMMAND, what, *names, *options, *_places(settings)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(language),
                start_new_session=True,  # who ends the server does not end it
            )
        finally:
            os.close(output)  # the command holds the lock now
            part.unlink(missing_ok=True)
    threading.Thread(target=process.wait, daemon=True).start()  # so that nothing of it stays when it has ended
    return True


def is_running(settings: Settings, what: str, name: str) -> bool:
    """Say whether a command about a proposal runs."""
    try:
        with _path(settings, what, name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(file, fcntl.LOCK_UN)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def forget(settings: Settings, name: str) -> None:
    """Let what commands have said of a proposal be forgotten: it has become another. One that runs goes on unheard."""
    for path in _folder(settings).glob(f"{name}.*"):
        path.unlink(missing_ok=True)


def any_running(settings: Settings, what: str) -> bool:
    """Say whether such a command runs for any proposal."""
    return any(is_running(settings, what, path.name.partition(".")[0]) for path in _folder(settings).glob(f"*.{what}"))


def said(settings: Settings, what: str, name: str) -> str | None:
    """Give the end of what the latest such command about a proposal has said; None where there was none."""
    try:
        with _path(settings, what, name).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _SHOWN))
            return file.read().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None


def _places(settings: Settings) -> tuple[str, str]:
    return f"--content={settings.content.resolve()}", f"--state={settings.state.resolve()}"


def _path(settings: Settings, what: str, name: str) -> Path:
    if not NAME.fullmatch(name):  # it may come from an address
        raise FileNotFoundError(name[:100])
    return _folder(settings) / f"{name}.{what}"


def _folder(settings: Settings) -> Path:
    found = folder(settings.state) / "runs"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def _clean(place: Path) -> None:
    """Take away the oldest files; names begin with the time."""
    for old in sorted(place.glob("[0-9]*.*"))[:-_KEPT]:
        with suppress(OSError):
            old.unlink()


def _environment(language: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OWN and not name.startswith("LC_")}
    return kept | {"LC_CTYPE": "C.UTF-8", "LC_MESSAGES": f"{language}.UTF-8", "PYTHONUTF8": "1", "INNHERRED_EDIT": "0"}
