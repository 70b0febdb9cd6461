"""A disk that is really full, and one that cannot be written: refused in words, nothing lost, and later it goes on."""

import errno
import os
import shutil
import subprocess
from contextlib import suppress

import pytest

from app.editing.drawer import DrawerError
from app.editing.messages import NotAccepted
from app.editing.writing import resume
from tests.editing.conftest import QUIET, Town, renamed
from tests.editing.test_judging import FILE, new
from tests.editing.test_writing import accepted, state


def mount(*words):
    return subprocess.run(["mount", *words], capture_output=True, text=True, check=False)


@pytest.fixture(params=["content", "state"])
def disk(request, tmp_path, built_town):
    """Give a town of which the content, or the state folder, lies on a small disk of its own."""
    place = tmp_path / request.param
    place.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root mounts a disk")
    if (done := mount("-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place))).returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        shutil.copytree(built_town, tmp_path, symlinks=True, dirs_exist_ok=True)
        yield Town(tmp_path, git=False), place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place):
    """Write until nothing more can be written, and give what has to go so that there is space again."""
    filler = place / ".filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        (place / ".more").write_bytes(b"x" * 8192)
    (place / ".more").unlink()
    return filler


def whole(town):
    return {name: text for name, text in town.files().items() if name != ".filler"}


def is_refused(town, proposal, reason):
    """Accept a proposal in vain: files, version and proposal are as before, and it is said why."""
    files, version = whole(town), town.version
    with pytest.raises(NotAccepted) as told:
        accepted(town, proposal)
    assert all(os.strerror(reason) in told.value.messages[language] for language in ("nb", "en"))
    assert (whole(town), town.version) == (files, version)
    kept = town.drawer.get(proposal.name)
    assert (kept.added, kept.removed) == (proposal.added, proposal.removed)


def then_goes_on(town, proposal):
    resume(town.settings, QUIET)
    assert state(town, proposal) in ("open", "failed")
    assert accepted(town, proposal).version == town.version
    assert '"Nordre bru"@nb' in town.text(FILE)


def test_on_a_full_disk_accepting_is_refused_and_goes_on_when_there_is_space(disk):
    town, place = disk
    added = new("nybrua", ("Nybrua", "nb"), file="data/register/other.ttl")
    proposal = town.propose(**{**renamed(), "added": [*renamed()["added"], *added]})
    filler = fill(place)
    is_refused(town, proposal, errno.ENOSPC)
    filler.unlink()
    then_goes_on(town, proposal)


def test_on_a_disk_that_cannot_be_written_likewise(disk):
    town, place = disk
    proposal = town.propose(**renamed())
    assert mount("-o", "remount,ro", str(place)).returncode == 0
    is_refused(town, proposal, errno.EROFS)
    assert mount("-o", "remount,rw", str(place)).returncode == 0
    then_goes_on(town, proposal)


@pytest.mark.parametrize("disk", ["state"], indirect=True)
def test_what_cannot_be_kept_is_refused_and_those_that_are_kept_stay(disk):
    town, place = disk
    first = town.propose(**renamed())
    filler = fill(place)
    with pytest.raises(DrawerError) as told:
        town.propose(**renamed(new="Brua"), note="x" * 5000)
    assert all(os.strerror(errno.ENOSPC) in told.value.messages[language] for language in ("nb", "en"))
    assert [each.name for each in town.drawer.heads()] == [first.name]
    assert town.drawer.damaged() == {}
    filler.unlink()
    town.propose(**renamed(new="Brua"))
    assert len(town.drawer.heads()) == 2
