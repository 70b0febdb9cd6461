"""Putting the application together."""

import gc
import io
import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from flask import Flask, Request, Response, g, redirect, request
from flask_babel import Babel
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from werkzeug.exceptions import RequestURITooLarge
from werkzeug.wrappers import Response as BaseResponse

from app import config
from app.config import Settings
from app.errors import QueryError
from app.web import (
    about,
    catalog,
    changes,
    compare,
    documents,
    downloads,
    editing,
    editor,
    gaps,
    listed,
    model,
    openapi,
    operations,
    pages,
    problems,
    questions,
    receipts,
    reconciling,
    search,
    sparql,
    tabular,
    texts,
    versions,
)
from app.web.admission import PageTurns
from app.web.answering import REFUSED, Asking
from app.web.compression import Compressed
from app.web.connections import Turns, keep_cutting
from app.web.doorway import LONGEST_QUERY_STRING, Doorway
from app.web.fast_path import Direct
from app.web.headers import add_headers, add_validators, add_version
from app.web.languages import (
    TRANSLATIONS,
    LanguagePath,
    add_language,
    interface_language,
    path_language,
    root,
    set_languages,
)
from app.web.operations import Metrics
from app.web.pictures import views
from app.web.serving import NothingServed, Serving

# A page makes and lets go of some ten thousand objects: to look for cycles every 700 takes a sixth of its time.
_NEW_OBJECTS: Final = 50_000
# Compressed answers may take this part of what answers may take, beside them.
_KEPT_PART: Final = 4
# So many pages of one client are made at once: more would not be ready sooner.
_PAGES_AT_ONCE: Final = 2


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in the state folder, so that a process that starts later compiles none.

    A template that has changed is noticed by its text, another Python by Jinja, another Jinja by the name of the file.
    Where nothing can be written each process compiles.
    """

    def __init__(self, state: Path) -> None:
        """Keep them in a folder of their own, where there is a state and it may be written."""
        folder = state / "templates"
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
        super().__init__(str(folder), f"{version('jinja2')}-%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template, if it is there."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a template, if that can be."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


class InMemory(Request):
    """A request whose body stays in memory: it is short, and there may be no place for files."""

    def _get_file_stream(self, *_about: Any, **_more: Any) -> io.BytesIO:
        return io.BytesIO()


def compile_templates(settings: Settings) -> None:
    """Compile every template into the state folder: the build does, so that no server process has to."""
    environment = create_app(replace(settings, edit=0)).jinja_env  # who may edit makes no difference to a template
    for name in environment.list_templates():
        environment.get_template(name)


def application() -> Flask:
    """Make the application from the environment, as a server's worker process does."""
    end_with_parent()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
    settings = Settings.from_environment(os.environ)
    app = create_app(settings)
    # Queries that run or wait hold a place each; pages must not wait for them.
    places = 2 * settings.query_workers + settings.query_waiting + 4
    pages = PageTurns(_PAGES_AT_ONCE, settings.pages_per_client)
    app.wsgi_app = Turns(app.wsgi_app, places, pages, settings)  # type: ignore[method-assign]
    # Everything is answered sooner: a query waits for its turn, then runs.
    servers = len((settings.store or "").split())
    longest = 2 * settings.client_timeout + (2 + servers) * settings.query_deadline + servers * settings.store_timeout
    keep_cutting(settings.port, longest)
    # Beside: each process of a server opens the generation now, not at the first request that reaches it.
    threading.Thread(target=_open, args=(app.extensions["serving"],), daemon=True).start()
    return app


def _open(serving: Serving) -> None:
    with suppress(NothingServed, QueryError):  # a request will be told
        serving.get()
        gc.collect()
        gc.freeze()  # what stays as long as the process need not be looked at again and again


def end_with_parent() -> None:
    """End this process as soon as the one that started it has ended, however it did: a killed server leaves nothing."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()  # a pipe that closes with the parent
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def create_app(settings: Settings) -> Flask:
    """Make the application. It serves the current generation of ``settings.state`` and notices a new one."""
    app = Flask(__name__, static_folder=str(config.static()), template_folder="templates")
    app.request_class = InMemory
    app.config["SETTINGS"] = settings
    app.config["MAX_CONTENT_LENGTH"] = 4 * settings.query_length
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * settings.query_length
    app.jinja_env.bytecode_cache = CompiledTemplates(settings.state)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=interface_language, default_translation_directories=str(TRANSLATIONS))
    counters = Metrics()
    asking, serving = Asking(settings, counters), Serving(settings, counters.count)
    app.extensions.update(metrics=counters, asking=asking, serving=serving)

    direct = Direct(app.wsgi_app, serving, asking)
    compressed = Compressed(direct, settings.result_cache_bytes // _KEPT_PART)
    app.wsgi_app = LanguagePath(compressed, settings.languages.split(), serving.languages)  # type: ignore[method-assign]
    app.wsgi_app = Doorway(app.wsgi_app, settings.prefix, proxied=settings.proxies > 0)  # type: ignore[method-assign]

    @app.before_request
    def open_current() -> BaseResponse | None:
        refused: QueryError | None = request.environ.pop(REFUSED, None)
        if refused is not None:
            counters.count("page_refused")
            raise refused
        if request.endpoint == "static":
            return None
        try:
            g.served, g.serving = serving.get(), serving
        except (NothingServed, QueryError) as error:
            if request.endpoint not in ("operations.health", "operations.metrics"):
                raise
            if isinstance(error, QueryError):
                g.store_error = error
            return None
        set_languages(g.served.manifest.languages)
        g.served = versions.choose_version(serving, g.served)
        if len(request.query_string) > LONGEST_QUERY_STRING:
            raise RequestURITooLarge
        if path_language() == g.root_language:
            return redirect(root() + request.full_path.rstrip("?"), 308)
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        if request.endpoint == "static":
            return add_headers(response)
        return add_headers(add_version(add_language(add_validators(response)), own=versions.is_own()))

    texts.register_texts(app)
    views.register_pictures(app)
    problems.register_problems(app)
    editing.register(app, settings)
    for module in (
        *(about, operations, sparql, receipts, editor, questions, openapi, model, search, reconciling, catalog),
        *(downloads, tabular, changes, versions, gaps, compare, listed, documents),
        pages,  # with the most general paths: last
    ):
        app.register_blueprint(module.blueprint)
    return app
