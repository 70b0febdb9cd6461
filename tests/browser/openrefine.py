"""A started OpenRefine, and the parts of its own interface that a test needs."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.waiting import until

FOLDER = Path(os.environ.get("INNHERRED_OPENREFINE", "/usr/share/openrefine"))
_ROWS = json.dumps({"facets": [], "mode": "row-based"})


class OpenRefine:
    """OpenRefine at an address."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/command/core/"
        self._session = requests.Session()

    def project(self, name: str, text: str) -> str:
        """Make a project of a table as CSV; give its number."""
        options = json.dumps({"separator": ",", "headerLines": 1, "guessCellValueTypes": False})
        answer = self._post(
            "create-project-from-upload",
            params={"format": "text/line-based/*sv", "options": options},
            data={"project-name": name},
            files={"project-file": ("table.csv", text.encode())},
        )
        return parse_qs(urlsplit(answer.url).query)["project"][0]

    def run(self, command: str, project: str, **values: Any) -> None:
        """Run a command on all rows and wait until it is done."""
        self._post(command, params={"project": project}, data={**values, "engine": _ROWS})
        until(lambda: not self._get("get-processes", project=project)["processes"])

    def rows(self, project: str) -> list[list[Any]]:
        """Give the cells of all rows."""
        answer = self._get("get-rows", project=project, start=0, limit=100, engine=_ROWS)
        return [row["cells"] for row in answer["rows"]]

    def table(self, project: str) -> str:
        """Give the table as CSV."""
        answer = self._post("export-rows/table.csv", data={"project": project, "format": "csv", "engine": _ROWS})
        return answer.content.decode()

    def is_ready(self) -> bool:
        """Say whether it answers."""
        try:
            return bool(self._get("get-version"))
        except requests.ConnectionError:
            return False

    def _get(self, command: str, **params: Any) -> Any:
        answer = self._session.get(self._address + command, params=params, timeout=600)
        answer.raise_for_status()
        return answer.json()

    def _post(self, command: str, *, params: dict[str, Any] | None = None, **content: Any) -> requests.Response:
        token = self._get("get-csrf-token")["token"]
        given = {**(params or {}), "csrf_token": token}
        answer = self._session.post(self._address + command, params=given, timeout=600, **content)
        answer.raise_for_status()
        if "json" in answer.headers.get("Content-Type", ""):
            assert answer.json().get("code") != "error", answer.text[:2000]
        return answer


@contextmanager
def started(folder: Path) -> Iterator[OpenRefine]:
    """Start OpenRefine on a free port of this machine alone; what it keeps goes into a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "port": port,
        "interface": "127.0.0.1",
        "host": "127.0.0.1",
        "headless": "true",
        "data_dir": folder,
        "webapp": "webapp",
    }
    options = ["-Xmx512M", f"-Duser.home={folder}", *(f"-Drefine.{name}={value}" for name, value in settings.items())]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            ["java", "-cp", "server/*", *options, "com.google.refine.Refine"], cwd=FOLDER, stdout=log, stderr=log
        )
        try:
            found = OpenRefine(f"http://127.0.0.1:{port}")
            until(found.is_ready)
            yield found
        finally:
            process.kill()
            process.wait()
