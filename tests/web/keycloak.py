"""A real provider of logins: Keycloak, unpacked and started for the tests, with a made-up realm."""

import json
import os
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.waiting import until

REALM = "example"
# The address of the site that is logged in to; nothing listens there, the tests are its browser.
SITE = "http://127.0.0.1:18321"
CLIENT, USERINFO_CLIENT, BARE_CLIENT = "site.example", "site.example-userinfo", "site.example-bare"
SECRET = "made-up-secret"
ADMIN = "made-up-admin"


def lacking() -> str | None:
    """Say why there is no Keycloak here; None where there is one."""
    found = os.environ.get("INNHERRED_KEYCLOAK", "")
    if not found or not Path(found).exists():
        return "INNHERRED_KEYCLOAK names no Keycloak (zip or folder)"
    return None if shutil.which("java") else "there is no Java"


@dataclass(frozen=True, slots=True)
class Keycloak:
    """A started Keycloak."""

    address: str

    @property
    def issuer(self) -> str:
        return f"{self.address}/realms/{REALM}"

    def admin(self, method: str, path: str, document: Any = None) -> requests.Response:
        """Ask its administration."""
        who = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN}
        got = requests.post(f"{self.address}/realms/master/protocol/openid-connect/token", data=who, timeout=600)
        headers = {"Authorization": f"Bearer {got.json()['access_token']}"}
        place = f"{self.address}/admin/realms/{REALM}{path}"
        answer = requests.request(method, place, json=document, headers=headers, timeout=600)
        answer.raise_for_status()
        return answer


@contextmanager
def started(folder: Path) -> Iterator[Keycloak]:
    """Unpack and start it, and wait until it answers."""
    source = Path(os.environ["INNHERRED_KEYCLOAK"])
    if source.is_dir():
        home = Path(shutil.copytree(source, folder / "keycloak"))
    else:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)
        home = next(path.parent for path in folder.glob("*/bin")).absolute()
    (home / "data" / "import").mkdir(parents=True)
    (home / "data" / "import" / f"{REALM}-realm.json").write_text(json.dumps(realm()), encoding="utf-8")
    port, management = _free_ports(2)
    command = ["bash", str(home / "bin" / "kc.sh"), "start-dev", "--import-realm", "--http-host=127.0.0.1"]
    options = [f"--http-port={port}", f"--http-management-port={management}"]
    environment = {
        **os.environ,
        "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx512m",
        "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",  # it runs for so short a time
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN,
    }
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, *options], stdout=output, stderr=output, env=environment, start_new_session=True
        )
        try:
            found = Keycloak(f"http://127.0.0.1:{port}")

            def answers() -> bool:
                assert process.poll() is None, log.read_text()[-3000:]
                try:
                    return requests.get(f"{found.issuer}/.well-known/openid-configuration", timeout=600).ok
                except requests.RequestException:
                    return False

            until(answers, 900)
            yield found
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 15)  # the script, and the Java that it starts
            process.wait(timeout=600)


def realm() -> dict[str, Any]:
    """Give the realm: an editor, a reviewer and a visitor, and three clients that are told of roles in three ways."""
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "clients": [_client(CLIENT, idtoken=True), _client(USERINFO_CLIENT, userinfo=True), _client(BARE_CLIENT)],
        "roles": {
            "client": {
                each: [{"name": "may-edit"}, {"name": "may-review"}] for each in (CLIENT, USERINFO_CLIENT, BARE_CLIENT)
            }
        },
        "users": [_user("editor", ["may-edit"]), _user("reviewer", ["may-edit", "may-review"]), _user("visitor", [])],
    }


def _client(name: str, *, idtoken: bool = False, userinfo: bool = False) -> dict[str, Any]:
    mapper = {
        "name": "roles",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-client-role-mapper",
        "config": {
            "claim.name": "resource_access.${client_id}.roles",
            "usermodel.clientRoleMapping.clientId": name,
            "multivalued": "true",
            "jsonType.label": "String",
            "access.token.claim": "true",
            "id.token.claim": str(idtoken).lower(),
            "userinfo.token.claim": str(userinfo).lower(),
        },
    }
    return {
        "clientId": name,
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "secret": SECRET,
        "standardFlowEnabled": True,
        "redirectUris": [f"{SITE}/edit/login/callback"],
        "attributes": {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": f"{SITE}/*"},
        "protocolMappers": [mapper],
    }


def _user(name: str, roles: list[str]) -> dict[str, Any]:
    return {
        "username": name,
        "enabled": True,
        "emailVerified": True,
        "firstName": name.title(),
        "lastName": "Example",
        "email": f"{name}@example.org",
        "credentials": [{"type": "password", "value": f"made-up-{name}", "temporary": False}],
        "clientRoles": dict.fromkeys((CLIENT, USERINFO_CLIENT, BARE_CLIENT), roles),
    }


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    found = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return found
