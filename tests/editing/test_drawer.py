import errno
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from app.editing import drawer as module
from app.editing.drawer import Damaged, Drawer, DrawerError, NoProposal, StateChanged
from app.editing.proposals import Finding, Statement, from_json, to_json
from app.terms import Iri, Literal
from tests.editing.making import NAME, PROPOSALS, event, iri, made

OTHER = "20261129-101501-aaaaaa"


@given(PROPOSALS)
def test_a_proposal_is_the_same_after_json(proposal):
    assert from_json(to_json(proposal)) == proposal


@settings(deadline=None, derandomize=True, max_examples=20)  # each waits for the disk
@given(PROPOSALS)
def test_what_is_put_is_what_is_got(tmp_path_factory, proposal):
    drawer = Drawer(tmp_path_factory.mktemp("state"))
    drawer.put(proposal)
    assert drawer.get(NAME) == proposal
    assert drawer.all() == [proposal]
    (head,) = drawer.heads()
    assert (head.state, head.title, head.added) == (proposal.state, proposal.title, len(proposal.added))
    assert head.sent == "2026-11-29T10:15:00Z"


def test_it_survives_a_restart_and_nobody_else_may_read_it(tmp_path):
    old = os.umask(0)
    try:
        Drawer(tmp_path / "state").put(made())
    finally:
        os.umask(old)
    code = "import sys; from pathlib import Path; from app.editing.drawer import Drawer;"
    code += f"print(Drawer(Path(sys.argv[1])).get({NAME!r}).title)"
    found = subprocess.run([sys.executable, "-c", code, tmp_path / "state"], capture_output=True, text=True, check=True)
    assert found.stdout == "Eksempel\n"
    folder = tmp_path / "state" / "proposals"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_nothing_is_made_by_looking(tmp_path):
    drawer = Drawer(tmp_path / "state")
    assert drawer.heads() == drawer.all() == []
    assert drawer.damaged() == {}
    with pytest.raises(NoProposal):
        drawer.get(NAME)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("name", ["", "..", "../x", "x/../../y", "20261129-101500-k3f9/../x", f"{NAME}\n", "a" * 9999])
def test_a_name_from_an_address_leads_nowhere(tmp_path, name):
    (tmp_path / "x.json").write_text(to_json(made()))
    drawer = Drawer(tmp_path)
    with pytest.raises(NoProposal):
        drawer.get(name)
    with pytest.raises(NoProposal):
        drawer.put(made(name))
    with pytest.raises(NoProposal):
        drawer.transition(name, {"open"}, event("refused"))


def test_names_are_in_order_of_time_and_differ(tmp_path):
    drawer = Drawer(tmp_path)
    names = [drawer.new_name() for _ in range(300)]
    assert len(set(names)) == 300
    moments = [name[:19] for name in names]  # the second, and its fraction
    assert moments == sorted(moments)
    assert len({moment[16:] for moment in moments}) > 1
    assert all(module.NAME.fullmatch(name) for name in names)


def test_states_are_changed_by_compare_and_set(tmp_path):
    drawer = Drawer(tmp_path)
    drawer.put(made())
    done = drawer.transition(NAME, {"open"}, event("accepting"), version="abc")
    assert (done.state, done.version) == ("accepting", "abc")
    assert drawer.get(NAME) == done
    with pytest.raises(StateChanged) as told:
        drawer.transition(NAME, {"open"}, event("refused"))
    assert told.value.state == "accepting"
    assert "i ferd med å bli godtatt" in told.value.messages["nb"]
    assert drawer.get(NAME) == done
    assert drawer.add_event(NAME, event("accepting", "built")).history[-1].words == "built"
    finding = Finding("error", {"en": "no"})
    assert drawer.update(NAME, findings=(finding,)).findings == (finding,)
    assert [len(drawer.heads(states)) for states in ({"open"}, {"accepting"}, None)] == [0, 1, 1]
    assert drawer.heads()[0].errors == 1


def test_a_history_only_grows(tmp_path):
    drawer = Drawer(tmp_path)
    drawer.put(made())
    drawer.transition(NAME, {"open"}, event("refused"))
    with pytest.raises(StateChanged):
        drawer.put(made(title="Another"))
    assert drawer.get(NAME).title == "Eksempel"


CONTENDING = """
import os, sys
from pathlib import Path
from app.editing.drawer import Drawer, StateChanged
from tests.editing.making import NAME, event

waiting, start = os.pipe()
children = []
for number in range(8):
    if (child := os.fork()) == 0:
        os.close(start)
        os.read(waiting, 1)  # until the other end is closed
        try:
            Drawer(Path(sys.argv[1])).transition(NAME, {"open"}, event("accepting", str(number)))
            os._exit(1)
        except StateChanged:
            os._exit(0)
    children.append(child)
os.close(start)
print(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def test_of_many_processes_one_wins(tmp_path):
    Drawer(tmp_path).put(made())
    found = subprocess.run([sys.executable, "-c", CONTENDING, tmp_path], capture_output=True, text=True, check=True)
    assert found.stdout == "1\n"
    assert len(Drawer(tmp_path).get(NAME).history) == 1


def test_the_lock_may_be_held_around_what_takes_it(tmp_path):
    drawer, same = Drawer(tmp_path), Drawer(tmp_path)
    with drawer.lock(), same.lock():
        drawer.put(made())
        same.add_event(NAME, event("refused"))
    assert drawer.get(NAME).state == "refused"


def test_a_damaged_file_is_told_and_breaks_no_list(tmp_path):
    drawer = Drawer(tmp_path)
    drawer.put(made())
    texts = {
        "20200101-000000-aaaa": to_json(made())[:-20],  # cut off
        "20200101-000000-bbbb": to_json(made()),  # of another name
        "20200101-000000-cccc": "[" * 100_000,
        "20200101-000000-dddd": "\udcff",
        "20200101-000000-eeee": " " * (module.MOST_BYTES + 1),
        "20200101-000000-ffff": to_json(made()).replace('"formatVersion": 1', '"formatVersion": 2'),
    }
    for name, text in texts.items():
        (drawer.folder / f"{name}.json").write_bytes(text.encode(errors="surrogateescape"))
    (drawer.folder / "notes.txt").write_text("no proposal")
    (drawer.folder / "20200101-000000-gggg.json").mkdir()
    assert [each.name for each in drawer.heads()] == [NAME]
    assert [each.name for each in drawer.all()] == [NAME]
    assert set(drawer.damaged()) == {*texts, "20200101-000000-gggg"}
    assert all(drawer.damaged().values())
    for name in texts:
        with pytest.raises(Damaged) as told:
            drawer.get(name)
        assert name in told.value.messages["nb"]
    drawer.folder.joinpath("20200101-000000-bbbb.json").write_text(to_json(made("20200101-000000-bbbb")))
    assert "20200101-000000-bbbb" not in drawer.damaged()


def test_damage_below_the_head_is_told_when_it_is_read(tmp_path):
    drawer = Drawer(tmp_path)
    drawer.put(made(added=(Statement(iri("s"), iri("p"), iri("o"), "data/a.ttl"),)))
    path = drawer.folder / f"{NAME}.json"
    path.write_text(path.read_text().replace("data/a.ttl", "/etc/passwd"))
    assert drawer.damaged() == {}
    assert drawer.all() == []
    assert "/etc/passwd" in drawer.damaged()[NAME]
    assert drawer.heads() == []


@pytest.mark.parametrize(
    "change",
    [
        {"added": [["<http://e.org/s>", "<http://e.org/p>", '"x"', "../../etc/passwd"]]},
        {"added": [["<http://e.org/s>", "<http://e.org/p>", '"x"', "/etc/passwd"]]},
        {"added": [["<http://e.org/s>", "<http://e.org/p>", '"x"', "data/../.git/config"]]},
        {"added": [["<http://e.org/s>", "<http://e.org/p>", '"x"', "data/.hidden.ttl"]]},
        {"added": [["<http://e.org/s>", "<http://e.org/p>", '"x"']]},
        {"added": [["<s>", "<http://e.org/p>", '"x"', "data/a.ttl"]]},
        {"added": [['"s"', "<http://e.org/p>", '"x"', "data/a.ttl"]]},
        {"added": [["<http://e.org/s>", "<http://e.org/p>", "true", "data/a.ttl"]]},
        {"added": [["<http://e.org/s>", "<http://e.org/p>", '"x" . <a> <b> <c>', "data/a.ttl"]]},
        {"added": {"s": 1}},
        {"history": [{"time": "yesterday", "state": "open", "role": "", "words": ""}]},
        {"history": [{"time": "2026-11-29T10:15:00Z", "state": "gone", "role": "", "words": ""}]},
        {"findings": [{"severity": "error"}]},
        {"door": "window"},
        {"title": None},
        {"more": 1},
        {"name": "x"},
    ],
)
def test_a_file_of_others_is_not_trusted(change):
    document = json.loads(to_json(made()))
    with pytest.raises(ValueError, match=r"\w"):
        from_json(json.dumps({**document, **change}))


def test_what_is_too_large_is_refused(tmp_path):
    drawer = Drawer(tmp_path)
    value = Literal("x" * 1_000_000)
    large = tuple(Statement(iri("s"), iri(f"p{n}"), value, "data/a.ttl") for n in range(5))
    for proposal in (made(title="x" * 301), made(note="x" * 10_001), made(added=large)):
        with pytest.raises(DrawerError) as told:
            drawer.put(proposal)
        assert told.value.messages.keys() == {"en", "nb"}
    with pytest.raises(DrawerError):
        drawer.put(made(added=(Statement(Iri("no iri"), iri("p"), value, "data/a.ttl"),)))
    with pytest.raises(DrawerError):
        drawer.put(made(note="\ud800"))
    assert drawer.heads() == []
    drawer.put(made(added=large[:1]))
    with pytest.raises(DrawerError):
        drawer.transition(NAME, {"open"}, event("refused", "x" * 10_001))
    assert drawer.get(NAME).state == "open"


def test_no_more_suggestions_are_taken_than_people_can_read(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_SUGGESTIONS", 2)
    drawer = Drawer(tmp_path)
    names = [drawer.new_name() for _ in range(3)]
    for name in names[:2]:
        drawer.put(made(name, door="suggestion"))
    with pytest.raises(DrawerError, match="2 suggestions"):
        drawer.put(made(names[2], door="suggestion"))
    drawer.put(made(drawer.new_name()))  # no suggestion
    drawer.update(names[0], title="Of one that is here")
    drawer.transition(names[0], {"open"}, event("refused"))
    drawer.put(made(names[2], door="suggestion"))


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_on_a_full_disk_all_stays_as_it_was(tmp_path, monkeypatch, step):
    drawer = Drawer(tmp_path)
    drawer.put(made())

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Full:
        def __init__(self, file):
            self._file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self._file.close()

        def write(self, data):
            self._file.write(data[:10])
            self._file.flush()
            full()

    with monkeypatch.context() as broken:
        if step == "open":
            broken.setattr("builtins.open", full)
        elif step == "write":
            real = open
            broken.setattr("builtins.open", lambda *a, **o: Full(real(*a, **o)))
        elif step == "fsync":
            broken.setattr(os, "fsync", full)
        else:
            broken.setattr(Path, "replace", full)
        for change in (lambda: drawer.transition(NAME, {"open"}, event("refused")), lambda: drawer.put(made(OTHER))):
            with pytest.raises(DrawerError) as told:
                change()
            assert os.strerror(errno.ENOSPC) in told.value.messages["nb"]
    assert sorted(path.name for path in drawer.folder.iterdir()) == [".lock", f"{NAME}.json"]
    assert drawer.all() == [made()]
    drawer.transition(NAME, {"open"}, event("refused"))  # and it can go on


def test_a_limit_of_the_system_is_told(tmp_path):
    """The real thing: no file of this process may have more than so many bytes."""
    code = """
import resource, signal, sys
from pathlib import Path
from app.editing.drawer import Drawer, DrawerError
from tests.editing.making import NAME, made
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
drawer = Drawer(Path(sys.argv[1]))
drawer.put(made())
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
try:
    drawer.put(made(note="x" * 5000))
except DrawerError as error:
    print(error, [each.name for each in drawer.folder.iterdir() if each.name.startswith(".w")], drawer.get(NAME).note)
"""
    found = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert "Nothing was changed" in found.stdout, found.stderr
    assert found.stdout.endswith(" [] \n")


def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(DrawerError, match="could not be opened"):
        Drawer(tmp_path / "state").put(made())


KILLED = """
import os, signal, sys
from pathlib import Path
from app.editing.drawer import Drawer
from tests.editing.making import NAME, event, made

def run(folder, steps):
    drawer = Drawer(folder)
    real = os.fsync

    def count(kind, args):
        nonlocal steps
        if kind in ("open", "os.rename", "os.remove", "os.mkdir") and "proposals" in str(args[:1]):
            steps -= 1
            if steps < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def fsync(file):
        count("open", ("proposals",))
        real(file)
        count("open", ("proposals",))

    os.fsync = fsync
    sys.addaudithook(count)
    drawer.transition(NAME, {"open"}, event("accepted", "x" * 9000))
    os._exit(0)

for step in range(40):
    folder = Path(sys.argv[1]) / str(step)
    Drawer(folder).put(made())
    if (child := os.fork()) == 0:
        run(folder, step)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(status)
    if status == 0:
        break
"""


def test_killed_at_any_step_it_is_before_or_after(tmp_path):
    """Before and after each flush, and before all that changes the folder, the process is killed."""
    told = subprocess.run([sys.executable, "-c", KILLED, tmp_path], capture_output=True, text=True, check=True).stdout
    statuses = [int(line) for line in told.split()]
    assert statuses[-1] == 0
    assert set(statuses[:-1]) == {-signal.SIGKILL}
    assert len(statuses) > 6
    states = []
    for step in range(len(statuses)):
        drawer = Drawer(tmp_path / str(step))
        states.append(drawer.get(NAME).state)
        assert drawer.damaged() == {}
        drawer.add_event(NAME, event("refused"))  # no lock is left, and no unfinished file
        assert sorted(path.name for path in drawer.folder.iterdir()) == [".lock", f"{NAME}.json"]
    assert states == sorted(states, reverse=True)  # open … open accepted … accepted
    assert set(states) == {"open", "accepted"}


def test_others_proposals_are_taken_all_or_none(tmp_path, monkeypatch):
    drawer = Drawer(tmp_path)
    drawer.put(made())
    assert drawer.take([made(), made(OTHER)]) == [OTHER]
    assert drawer.take([made(), made(OTHER)]) == []
    new = made("20261129-101502-bbbbbb")
    with pytest.raises(DrawerError, match=OTHER):
        drawer.take([new, made(OTHER, title="Another")])
    assert len(drawer.heads()) == 2
    real, written = Drawer._write, []

    def once(self, name, text):
        written.append(name)
        if len(written) > 1:
            raise DrawerError("disk-refused", reason="full", where="")
        real(self, name, text)

    monkeypatch.setattr(Drawer, "_write", once)
    with pytest.raises(DrawerError, match="full"):
        drawer.take([new, replace(new, name="20261129-101503-cccccc")])
    assert len(drawer.heads()) == 2


def test_a_list_reads_only_what_changed(tmp_path, monkeypatch):
    drawer = Drawer(tmp_path)
    names = [f"20261129-1015{second:02}-aaaa" for second in range(30)]
    drawer.take(made(name) for name in names)
    assert [each.name for each in drawer.heads()] == names
    drawer.transition(names[3], {"open"}, event("refused"))
    read, real = [], Drawer._read
    monkeypatch.setattr(Drawer, "_read", lambda self, name, form: read.append(name) or real(self, name, form))
    assert len(Drawer(tmp_path).heads({"open"})) == 29
    assert read == [names[3]]
