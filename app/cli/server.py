"""``serve``: build in a child process, then granian with the Flask application."""

import contextlib
import logging
import multiprocessing
import os
import resource
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from app.cli.bounds import holds
from app.cli.options import Failure, Misuse, failing, open_content, problem_line
from app.config import RUN, Settings, bundled_content, source_of_copies
from app.editing.entrance import new_link
from app.errors import SettingError
from app.generation import SMALL, Generation, current, damage, readable

# Connections that the system keeps until a server process takes them.
_BACKLOG: Final = 4096
# Threads of a server process: one waits for each client that sends a body or takes a file (app.web.connections).
_THREADS: Final = 1024
# So many files a server process needs besides its connections.
_FILES: Final = 512
# What the pages of a public site need, by the setting: without it they have no such link.
_PUBLIC: Final = {
    "report_address": "say where readers report errors and suggest activities (INNHERRED_REPORT_ADDRESS)",
    "accessibility_statement": "link the accessibility statement (INNHERRED_ACCESSIBILITY_STATEMENT)",
}


def run_server(settings: Settings, host: str, port: int, workers: int | None) -> None:
    """Serve until SIGTERM or Ctrl+C; a Failure tells why it cannot."""
    generation = next(readable(settings.state), None)
    if generation is None and settings.follow is None:
        raise Failure(f"There is no generation in {settings.state} that this version can read. Run: innherred build")
    address = _free_address(host, port)
    # The workers are new processes: they read their settings from the environment.
    os.environ["INNHERRED_CONTENT"] = str(settings.content.resolve())
    os.environ["INNHERRED_STATE"] = str(settings.state.resolve())
    os.environ["INNHERRED_PORT"] = str(address[1])
    os.environ["INNHERRED_HOST"] = host
    os.environ["INNHERRED_EDIT"] = str(settings.edit)
    if settings.follow is not None:
        os.environ["INNHERRED_FOLLOW"] = settings.follow
    os.environ[RUN] = secrets.token_hex(16)
    # granian would fork on Python up to 3.13; a forked engine is undefined.
    multiprocessing.set_start_method("spawn", force=True)
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    # Its advice on the number of threads is for programs that compute in them; ours wait there for clients.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    server = Granian(
        "app.web.application:application",
        factory=True,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=round(1000 * settings.client_timeout)),
        blocking_threads=_THREADS,
        backlog=_BACKLOG,
        backpressure=_connections(settings.connections),
        address=host,
        port=address[1],
        workers=workers or min(os.cpu_count() or 1, 4),
        respawn_failed_workers=True,
        workers_kill_timeout=2,
        log_level=LogLevels.warning,
    )
    shown = f"[{host}]" if ":" in host else host
    click.echo(_title(generation))
    click.echo(f"Serving at http://{shown}:{address[1]}/ (Ctrl+C ends)")
    if settings.edit and settings.oidc_issuer is None:
        token = new_link(settings.state)
        click.echo(f"To edit, open http://{shown}:{address[1]}/edit/login?token={token} (once, within 15 minutes)")
    given = {"report_address"} if settings.edit else set()  # readers suggest changes on the site itself
    if lacking := [what for name, what in _PUBLIC.items() if name not in given and not getattr(settings, name)]:
        click.echo(f"Before others use the site: {'; '.join(lacking)}. See docs/settings.md.")
    with contextlib.suppress(KeyboardInterrupt), _counters(), _following(settings):
        server.serve()


def start(settings: Settings, *, workers: int | None, no_build: bool, edit: bool, **given: Any) -> None:
    """Build when need be, unless another server is followed, and serve; options that are given win over settings."""
    given = {name: value for name, value in given.items() if value is not None}
    chosen = replace(settings, **given, edit=int(edit or settings.edit))
    if chosen.follow is not None:
        with failing(ValueError, before=f"--follow {chosen.follow}: ", failure=Misuse):
            source_of_copies(chosen.follow)
        if chosen.edit or chosen.store is not None:
            raise Misuse(
                "A copy (--follow, INNHERRED_FOLLOW) has no editing and no other store (INNHERRED_STORE): edit where"
                " its source is."
            )
        if not chosen.follow.startswith(("http://", "https://")):
            chosen = replace(chosen, follow=str(Path(chosen.follow).resolve()))
    else:
        if chosen.edit:
            for_editing(chosen)
        finish_acceptance(settings)
        build_when_needed(settings, may_build=not no_build)
    run_server(chosen, chosen.host, chosen.port, workers)


def _title(generation: Generation | None) -> str:
    """Give a line about what is served."""
    if generation is None:
        return "Nothing to serve yet: a first version is being taken."
    name = generation.manifest.name
    return f"{name.get('en') or next(iter(name.values()), '') or 'Dataset'}, version {generation.manifest.version}"


@contextlib.contextmanager
def _following(settings: Settings) -> Iterator[None]:
    """Have a process that follows the source of a copy; another one when it ends."""
    if settings.follow is None:
        yield
        return
    from app.build.following import keep_following

    ended = threading.Event()

    def keep() -> None:
        while not ended.is_set():
            process = multiprocessing.get_context("spawn").Process(target=keep_following, args=(settings,))
            process.start()
            while process.is_alive() and not ended.wait(0.5):
                pass
            process.kill()
            process.join()
            ended.wait(settings.follow_interval)

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def for_editing(settings: Settings) -> None:
    """See before anything is built that editing is open to nobody who should not; a Misuse tells what to do."""
    from app.web.editing import check

    with failing(SettingError, failure=Misuse):
        check(settings)


def _connections(wanted: int) -> int:
    """Give how many connections a server process may hold: as many as are wanted, if the system gives the files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return max(64, min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _FILES))


@contextlib.contextmanager
def _counters() -> Iterator[None]:
    """Have a folder in which the workers count together; where none can be made, each counts for itself."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder = tempfile.TemporaryDirectory(prefix="innherred-metrics-", ignore_cleanup_errors=True)
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(folder)
        yield


def finish_acceptance(settings: Settings) -> None:
    """Finish or take back, in a child, an acceptance of a proposal that was interrupted (app.editing.journal)."""
    if (settings.state / "acceptance.json").exists():
        command = [sys.executable, "-P", "-m", "app.cli", "proposals", "resume", "--content", str(settings.content)]
        # What it cannot finish it tells, and the site is served all the same.
        subprocess.run([*command, "--state", str(settings.state)], check=False, stdout=subprocess.DEVNULL)


def build_when_needed(settings: Settings, *, may_build: bool) -> None:
    """Build in a child: the engine's threads and memory stay out of the server's parent process."""
    found = next(readable(settings.state), None)
    if settings.store is not None or not may_build:  # a new generation would only differ from what is there
        if found is None and settings.store is not None:
            raise Failure(f"There is no generation in {settings.state}. Run: innherred build, then innherred publish")
        return
    if (why := _why_build(settings, found)) is None:
        return
    if found is not None and _is_foreign(settings, found):
        click.echo(f"{why} Not built: it was made of {found.manifest.content}, not of the shipped content.", err=True)
        return
    click.echo(f"Building: {why}" if found else "Building for the first time.", err=True)
    command = [sys.executable, "-P", "-m", "app.cli", "build", "--content", str(settings.content)]
    done = subprocess.run([*command, "--state", str(settings.state)], check=False, stdout=subprocess.DEVNULL)
    if done.returncode == 0:
        return
    if found is None:
        raise Failure("Nothing to serve: mend the content and run it again.")
    click.echo(f"Serving version {found.manifest.version}, built earlier.", err=True)


def _is_fresh(settings: Settings, found: Generation) -> bool:
    from app.build.freshness import fresh

    try:
        content = open_content(settings)
        if not fresh(content, found, settings.publisher):
            return False
    except (Failure, OSError):  # the build will tell
        return False
    if content.root.is_file():  # a build tells what was guessed of it; without one it is told here
        from app.quality.checks import dataset_problems

        for problem in dataset_problems(content):
            click.echo(problem_line(problem), err=True)
    return True


def _why_build(settings: Settings, found: Generation | None) -> str | None:
    """Say why what is there is not what should be served, None when it is."""
    if found is None:
        return "there is nothing yet."
    now = current(settings.state)
    if now is None or now.path != found.path:
        return "what is current cannot be read."
    if broken := damage(found, SMALL):
        return f"version {found.manifest.version} is damaged ({', '.join(sorted(broken)[:3])})."
    # Asked elsewhere: to open a content is to read files of it, and what is in these may be anything.
    return None if holds(settings, lambda: _is_fresh(settings, found)) else "the content is newer than what was built."


def _is_foreign(settings: Settings, found: Generation) -> bool:
    """Say whether nobody named a content, and what is there was made of another one than the shipped one."""
    shipped = bundled_content().resolve()
    return settings.content.resolve() == shipped and Path(found.manifest.content) != shipped


def _free_address(host: str, port: int) -> tuple[str, int]:
    """Give the address to listen on; port 0 becomes a free one. A Failure when somebody has it already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise Failure(f"Cannot listen on {host} port {port}: {reason}. Choose another with --port.") from error
        return host, int(probe.getsockname()[1])
