"""``serve``: build in a child process, then granian with the Flask application."""

import contextlib
import logging
import multiprocessing
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import click

from app.cli.bounds import holds
from app.cli.options import Failure, open_content
from app.config import RUN, Settings
from app.generation import Generation, current


def run_server(settings: Settings, host: str, port: int, workers: int | None) -> None:
    """Build when needed, then serve until SIGTERM or Ctrl+C; a Failure tells why it cannot."""
    _build_when_needed(settings)
    generation = current(settings.state)
    if generation is None:
        raise Failure(f"There is no generation in {settings.state} that this version can read. Run: innherred build")
    address = _free_address(host, port)
    # The workers are new processes: they read their settings from the environment.
    os.environ["INNHERRED_CONTENT"] = str(settings.content.resolve())
    os.environ["INNHERRED_STATE"] = str(settings.state.resolve())
    os.environ[RUN] = secrets.token_hex(16)
    # granian would fork on Python up to 3.13; a forked engine is undefined.
    multiprocessing.set_start_method("spawn", force=True)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # Its advice on the number of threads is for programs that compute in them; ours wait there for query workers.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    server = Granian(
        "app.web.application:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=address[1],
        workers=workers or min(os.cpu_count() or 1, 4),
        # Queries that run or wait hold a thread each; pages must not wait for them.
        blocking_threads=2 * settings.query_workers + settings.query_waiting + 4,
        respawn_failed_workers=True,
        workers_kill_timeout=2,
        log_level=LogLevels.warning,
    )
    title = generation.manifest.title.get("en") or next(iter(generation.manifest.title.values()), "")
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"{title or 'Dataset'}, version {generation.manifest.version}")
    click.echo(f"Serving at http://{shown}:{address[1]}/ (Ctrl+C ends)")
    with contextlib.suppress(KeyboardInterrupt), _counters():
        server.serve()


@contextlib.contextmanager
def _counters() -> Iterator[None]:
    """Have a folder in which the workers count together; where none can be made, each counts for itself."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder = tempfile.TemporaryDirectory(prefix="innherred-metrics-", ignore_cleanup_errors=True)
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(folder)
        yield


def _build_when_needed(settings: Settings) -> None:
    """Build in a child: the engine's threads and memory stay out of the server's parent process."""
    found = current(settings.state)
    if settings.store is not None:  # a new generation here would only differ from what is there
        if found is None:
            raise Failure(f"There is no generation in {settings.state}. Run: innherred build, then innherred publish")
        return
    # Asked elsewhere: to open a content is to read files of it, and what is in these may be anything.
    if found is not None and holds(settings, lambda: _is_fresh(settings, found)):
        return
    click.echo(
        "Building: the content is newer than what was built." if found else "Building for the first time.", err=True
    )
    command = [sys.executable, "-P", "-m", "app.cli", "build", "--content", str(settings.content)]
    done = subprocess.run([*command, "--state", str(settings.state)], check=False, stdout=subprocess.DEVNULL)
    if done.returncode == 0:
        return
    if found is None:
        raise Failure("Nothing to serve: mend the content and run it again.")
    click.echo(f"Serving version {found.manifest.version}, built earlier.", err=True)


def _is_fresh(settings: Settings, found: Generation) -> bool:
    from app.build.freshness import fresh

    return fresh(open_content(settings), found, settings.publisher)


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
