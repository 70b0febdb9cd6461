"""Settings, read once from ``INNHERRED_*``, then passed on, never imported; and where the shipped files are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.errors import SettingError
from app.terms import is_absolute_iri

APP = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting; ``default`` is the value without it (None: see the help)."""

    field: str
    default: Any
    kind: Callable[[str], Any]
    help: str
    least: float | None
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable."""
        return "INNHERRED_" + self.field.upper()

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
    if not text.endswith(("/", "#")):
        raise ValueError(text)
    return _web_address(text)


def _languages(text: str) -> str:
    tags = text.replace(",", " ").split()
    if not all(re.fullmatch(r"[a-z]{2,3}", tag) for tag in tags):
        raise ValueError(text)
    return " ".join(dict.fromkeys(tag for tag in tags if tag != "en"))


def _prefix(text: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/?", text):
        raise ValueError(text)
    return text.removesuffix("/")


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


def source_of_copies(text: str) -> str:
    """Take the address of another server, or a folder; ValueError for what is neither."""
    if text.startswith(("http://", "https://")):
        if urlsplit(endpoint_address(text)).query:
            raise ValueError("this is no address of a site: it has a question mark")
    elif "://" in text or text.startswith("file:"):
        raise ValueError("this is no address that begins with http:// or https://, and no folder")
    return text


def endpoint_addresses(text: str) -> str:
    """Take the addresses of SPARQL servers, with spaces between; ValueError as for one."""
    return " ".join(map(endpoint_address, text.split()))


def _author(text: str) -> str:
    if not re.fullmatch(r"[^<>\s][^<>\n]* <[^<>\s]+>", text):
        raise ValueError(text)
    return text


def _publisher(text: str) -> str:
    """Check IRI and Norwegian organisation number (nine digits, the last one a check modulo 11)."""
    iri, number, *_ = text.split(maxsplit=2)
    digits = [int(sign) for sign in number] if re.fullmatch(r"\d{9}", number, re.ASCII) else []
    weights = (3, 2, 7, 6, 5, 4, 3, 2, 1)
    if not is_absolute_iri(iri) or not digits or sum(a * b for a, b in zip(digits, weights, strict=True)) % 11:
        raise ValueError(text)
    return " ".join(text.split())


def _setting(
    default: Any, kind: Callable[[str], Any], help: str, least: float | None = None, *, secret: bool = False
) -> Any:
    """Make a field of Settings: its default (MISSING: none), how its text is read, help, and the least it may be."""
    return field(
        default=default, repr=not secret, metadata={"kind": kind, "help": help, "least": least, "secret": secret}
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run. Times in seconds, sizes in bytes."""

    content: Path = _setting(  # noqa: RUF009 - a field
        MISSING,
        Path,
        "Folder of the content, or one RDF file. Default: the working folder if it holds data/, else the shipped one.",
    )
    state: Path = _setting(  # noqa: RUF009 - as above
        MISSING, Path, "Folder of built generations. Default: var/ in the working folder."
    )
    base: str | None = _setting(
        None, _address, "Base IRI of the content, ending in /. Default: void:uriSpace of data/dataset.ttl."
    )
    keep: int = _setting(3, int, "How many of the newest generations are kept.", 1)
    build_deadline: float = _setting(3600.0, float, "Longest time for a build or check, in seconds.", 1)
    build_memory: int = _setting(8_589_934_592, int, "Memory that a build or check may take, in bytes.", 300_000_000)
    host: str = _setting("127.0.0.1", str, "Address that serve listens on.")
    port: int = _setting(8000, int, "Port that serve listens on; 0 takes a free one.", 0)
    connections: int = _setting(4096, int, "Connections that each server process holds open at once.", 64)
    client_timeout: float = _setting(
        10.0, float, "Longest silence before a request, and longest time for its headers, in seconds.", 0.1
    )
    query_length: int = _setting(262_144, int, "Longest query from outside, in bytes.", 100)
    query_nesting: int = _setting(100, int, "Deepest nesting of brackets in a query from outside.", 5)
    answer_bytes: int = _setting(67_108_864, int, "Largest answer to a query from outside, in bytes.", 1000)
    query_deadline: float = _setting(10.0, float, "Longest time for a query from outside, in seconds.", 0.1)
    query_memory: int = _setting(
        1_610_612_736, int, "Address space of a process that answers queries, in bytes.", 600_000_000
    )
    memory_store: int = _setting(
        1_000_000_000,
        int,
        "Most memory that the triples may take, in bytes, so that queries from outside are answered from memory. Those"
        " of a content that needs more are answered from disk; with 0 all are.",
        0,
    )
    query_stack: int = _setting(67_108_864, int, "Stack of a process that answers queries, in bytes.", 1_048_576)
    query_workers: int = _setting(3, int, "Queries from outside that run at once, in each server process.", 1)
    query_long: float = _setting(
        0.2, float, "Seconds after which a query leaves its place to the next and runs on beside it.", 0
    )
    query_waiting: int = _setting(8, int, "Queries from outside that wait for their turn, in each server process.", 0)
    query_per_client: int = _setting(
        4, int, "Queries that one address may have running or waiting in a server process.", 1
    )
    pages_per_client: int = _setting(
        100, int, "Pages that one address may ask for at once in a server process; two are made, the others wait.", 1
    )
    result_cache_bytes: int = _setting(
        67_108_864, int, "Bytes of answers kept in each server process; 0 keeps none.", 0
    )
    result_cache_entries: int = _setting(10_000, int, "Answers kept in each server process; 0 keeps none.", 0)
    spreadsheet_cells: int = _setting(100_000, int, "Most cells (rows times columns) of an answer as XLSX.", 1)
    proxies: int = _setting(
        0, int, "Reverse proxies in front that append to X-Forwarded-For; 0 ignores that header.", 0
    )
    prefix: str = _setting("", _prefix, "Path below which a reverse proxy has the site: /graph. Default: its root.")
    languages: str = _setting(
        "", _languages, "Further languages with pages of their own, besides the first and English: nn sma."
    )
    page_size: int = _setting(50, int, "Rows on a page of a list.", 1)
    report_address: str | None = _setting(
        None, str, "Mail or web address for reports of errors in the data. Default: no link."
    )
    accessibility_statement: str | None = _setting(
        None, _web_address, "Address of the accessibility statement of the site. Default: no link."
    )
    store: str | None = _setting(
        None,
        endpoint_addresses,
        "Query address of a SPARQL 1.1 server that holds the triples (credentials: INNHERRED_STORE_USER); of several"
        " that hold the same, with spaces between.",
        secret=True,
    )
    store_update: str | None = _setting(
        None, endpoint_addresses, "Its address for updates. Default: that for queries.", secret=True
    )
    store_data: str | None = _setting(
        None, endpoint_addresses, "Its address for the Graph Store Protocol. Default: found out.", secret=True
    )
    store_user: str | None = _setting(None, str, "User at that server.", secret=True)
    store_password: str | None = _setting(None, str, "Password at that server.", secret=True)
    store_timeout: float = _setting(
        30.0, float, "Longest time for that server to answer what a page asks, in seconds.", 0.1
    )
    follow: str | None = _setting(
        None, source_of_copies, "Another server's address, or its state folder: serve what it serves, build nothing."
    )
    follow_interval: float = _setting(10.0, float, "Seconds after which a copy asks its source again.", 0.1)
    follow_bytes: int = _setting(
        20_000_000_000, int, "Most bytes of a generation that a copy takes, and of its data unpacked.", 1_000_000
    )
    follow_deadline: float = _setting(
        3600.0, float, "Longest time to take what is new, in seconds; then it is gone on with.", 1
    )
    debug: int = _setting(0, int, "1 shows where in the program an unexpected error came from.", 0)
    commit_author: str | None = _setting(
        None, _author, "Who the commits of accepted proposals are by: Name <address>. Default: the role of who accepts."
    )
    edit: int = _setting(
        0, int, "1 lets people edit: who logs in by OpenID Connect, else one person on this machine.", 0
    )
    edit_session: float = _setting(28_800.0, float, "How long a login for editing lasts, in seconds.", 60)
    public_address: str | None = _setting(
        None, _web_address, "Address that people have for the site: https://example.org/graph. Needed for a login."
    )
    oidc_issuer: str | None = _setting(None, _web_address, "Issuer of the OpenID Connect provider.")
    oidc_client: str | None = _setting(None, str, "Name (client id) of this site at that provider.")
    oidc_secret: str | None = _setting(None, str, "Client secret at that provider.", secret=True)
    oidc_secret_file: str | None = _setting(None, str, "File that holds the client secret, and nothing else.")
    oidc_scopes: str = _setting("openid", str, "What is asked for at that provider, with spaces between.")
    oidc_roles: str = _setting(
        "roles", str, "Where its claims have the roles: the names on the way there, with spaces between."
    )
    oidc_editor: str = _setting("editor", str, "Value there of who may edit.")
    oidc_reviewer: str = _setting("reviewer", str, "Value there of who may accept and refuse.")
    publisher: str | None = _setting(
        None,
        _publisher,
        "Who publishes: IRI, organisation number and, where another name than the dataset gives, name.",
    )

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
            if setting.kind is not Path and (text := environ.get(setting.variable, "").strip()):
                values[setting.field] = setting.read(text)
        return cls(
            content=content or Path(environ.get("INNHERRED_CONTENT") or default_content(folder)),
            state=state or Path(environ.get("INNHERRED_STATE") or folder / "var"),
            **values,
        )


SETTINGS: Final = tuple(
    Setting(each.name, None if each.default is MISSING else each.default, **each.metadata) for each in fields(Settings)
)


# What the processes of one run of ``serve`` know each other by: a variable that the command itself sets.
RUN: Final = "INNHERRED_RUN"


def bundled_content() -> Path:
    """Give the content that is shipped: inside the wheel, or the checkout of an editable install."""
    inside = APP / "_bundled"
    return inside if (inside / "data").is_dir() else APP.parent


def default_content(working_folder: Path) -> Path:
    """Give the working folder when it holds ``data/``, else the shipped content."""
    return working_folder if (working_folder / "data").is_dir() else bundled_content()


def defaults() -> Path:
    """Give the folder of what every content gets."""
    return APP / "defaults"


def script(name: str) -> str:
    """Give the text of an SQL script of the engine."""
    return (defaults() / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def views() -> frozenset[str]:
    """Give the names of the views that rows can have: each is a template that draws them."""
    return _templates("views")


@cache
def parts() -> frozenset[str]:
    """Give the names of the parts of a thing's page that the engine itself fills: each is a template."""
    return _templates("parts")


def _templates(folder: str) -> frozenset[str]:
    return frozenset(path.stem for path in (APP / "web" / "templates" / folder).glob("[!_]*.html"))


def static() -> Path:
    """Give the folder of stylesheets and fonts made by the asset pipeline."""
    return APP / "web" / "static"
