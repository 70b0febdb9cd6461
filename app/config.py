"""Settings: read once from ``INNHERRED_*``, then passed on, never imported."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.paths import default_content
from app.terms import is_absolute_iri


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run. Times in seconds, sizes in bytes."""

    content: Path
    state: Path
    base: str | None = None
    keep: int = 3
    host: str = "127.0.0.1"
    port: int = 8000
    query_length: int = 262_144
    query_nesting: int = 100
    answer_bytes: int = 67_108_864
    query_deadline: float = 10.0
    query_memory: int = 1_610_612_736
    query_stack: int = 67_108_864
    query_workers: int = 3
    query_long: float = 0.2
    query_waiting: int = 8
    query_per_client: int = 4
    result_cache_bytes: int = 67_108_864
    result_cache_entries: int = 10_000
    spreadsheet_cells: int = 100_000
    proxies: int = 0
    languages: str = ""
    page_size: int = 50
    report_address: str | None = None
    accessibility_statement: str | None = None
    store: str | None = None
    store_update: str | None = None
    store_user: str | None = None
    store_password: str | None = field(default=None, repr=False)
    store_timeout: float = 30.0
    publisher: str | None = None

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        *,
        content: Path | None = None,
        state: Path | None = None,
        working_folder: Path | None = None,
    ) -> "Settings":
        """Read the settings; command line options (content, state) win. Raises SettingError."""
        folder = working_folder or Path.cwd()
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            if (text := environ.get(setting.variable, "").strip()) and setting.field not in (
                "content",
                "state",
            ):
                values[setting.field] = setting.read(text)
        return cls(
            content=content or Path(environ.get("INNHERRED_CONTENT") or default_content(folder)),
            state=state or Path(environ.get("INNHERRED_STATE") or folder / "var"),
            **values,
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings."""

    field: str
    kind: Callable[[str], Any]
    help: str
    least: float | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable."""
        return "INNHERRED_" + self.field.upper()

    @property
    def default(self) -> Any:
        """The value without a setting (None: see the help)."""
        found = next(f for f in fields(Settings) if f.name == self.field)
        return found.default if isinstance(found.default, int | float | str) else None

    def read(self, text: str) -> Any:
        """Turn the text of the environment into a value; raises SettingError."""
        try:
            value = self.kind(text)
        except ValueError as error:
            if self.secret:  # what is wrong with it may be that it holds a password
                raise SettingError(f"{self.variable}: {error}. {self.help}") from None
            raise SettingError(f"{self.variable}={text!r} is not a {self.kind.__name__}. {self.help}") from error
        if self.least is not None and value < self.least:
            raise SettingError(f"{self.variable}={text} is too small: at least {self.least:g}. {self.help}")
        return value


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")) or not text.endswith(("/", "#")):
        raise ValueError(text)
    return text


def _languages(text: str) -> str:
    tags = text.replace(",", " ").split()
    if not all(re.fullmatch(r"[a-z]{2,3}", tag) for tag in tags):
        raise ValueError(text)
    return " ".join(dict.fromkeys(tag for tag in tags if tag != "en"))


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)
    return text


def endpoint_address(text: str) -> str:
    """Take the address of a SPARQL server; ValueError, which does not repeat it, for one that holds credentials."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("this is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("this is no address that begins with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("no user and password in the address")
    if parts.fragment or not text.isascii() or any(character.isspace() for character in text):
        raise ValueError("the address holds what no address may: spaces, a fragment, letters beyond ASCII")
    return text


def _publisher(text: str) -> str:
    """Check IRI and Norwegian organisation number (nine digits, the last one a check modulo 11)."""
    iri, number, *_ = text.split(maxsplit=2)
    digits = [int(sign) for sign in number] if re.fullmatch(r"\d{9}", number, re.ASCII) else []
    weights = (3, 2, 7, 6, 5, 4, 3, 2, 1)
    if not is_absolute_iri(iri) or not digits or sum(a * b for a, b in zip(digits, weights, strict=True)) % 11:
        raise ValueError(text)
    return " ".join(text.split())


SETTINGS: Final = (
    Setting(
        "content",
        Path,
        "Folder of the content. Default: the working folder if it holds data/, else the shipped one.",
    ),
    Setting("state", Path, "Folder of built generations. Default: var/ in the working folder."),
    Setting("base", _address, "Base IRI of the content, ending in /. Default: void:uriSpace of data/dataset.ttl."),
    Setting("keep", int, "How many of the newest generations are kept.", 1),
    Setting("host", str, "Address that serve listens on."),
    Setting("port", int, "Port that serve listens on; 0 takes a free one.", 0),
    Setting("query_length", int, "Longest query from outside, in bytes.", 100),
    Setting("query_nesting", int, "Deepest nesting of brackets in a query from outside.", 5),
    Setting("answer_bytes", int, "Largest answer to a query from outside, in bytes.", 1000),
    Setting("query_deadline", float, "Longest time for a query from outside, in seconds.", 0.1),
    Setting("query_memory", int, "Address space of a process that answers queries, in bytes.", 600_000_000),
    Setting("query_stack", int, "Stack of a process that answers queries, in bytes.", 1_048_576),
    Setting("query_workers", int, "Queries from outside that run at once, in each server process.", 1),
    Setting("query_long", float, "Seconds after which a query leaves its place to the next and runs on beside it.", 0),
    Setting("query_waiting", int, "Queries from outside that wait for their turn, in each server process.", 0),
    Setting("query_per_client", int, "Queries that one address may have running or waiting in a server process.", 1),
    Setting("result_cache_bytes", int, "Bytes of answers kept in each server process; 0 keeps none.", 0),
    Setting("result_cache_entries", int, "Answers kept in each server process; 0 keeps none.", 0),
    Setting("spreadsheet_cells", int, "Most cells (rows times columns) of an answer as XLSX.", 1),
    Setting("proxies", int, "Reverse proxies in front that append to X-Forwarded-For; 0 ignores that header.", 0),
    Setting(
        "languages", _languages, "Further languages with pages of their own, besides the first and English: nn sma."
    ),
    Setting("page_size", int, "Rows on a page of a list.", 1),
    Setting(
        "accessibility_statement", _web_address, "Address of the accessibility statement of the site. Default: no link."
    ),
    Setting("report_address", str, "Mail or web address for reports of errors in the data. Default: no link."),
    Setting(
        "store",
        endpoint_address,
        "Query address of a SPARQL 1.1 server that holds the triples (credentials: INNHERRED_STORE_USER).",
        secret=True,
    ),
    Setting("store_update", endpoint_address, "Its address for updates. Default: that for queries.", secret=True),
    Setting("store_user", str, "User at that server.", secret=True),
    Setting("store_password", str, "Password at that server.", secret=True),
    Setting("store_timeout", float, "Longest time for that server to answer what a page asks, in seconds.", 0.1),
    Setting(
        "publisher",
        _publisher,
        "Who publishes: IRI, organisation number and, where another name than the dataset gives, name.",
    ),
)
