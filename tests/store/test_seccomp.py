"""What a process under the filter can do, and what not."""

import platform
import struct
import subprocess
import sys

import pytest

from app.store import seccomp

CODE = """
import ctypes, errno, os, socket, subprocess, sys, threading
from app.store import seccomp
left, right = socket.socketpair()
assert seccomp.forbid()
def refused(act):
    try:
        act()
    except OSError as error:
        return error.errno == errno.EPERM
    return False
assert refused(socket.socket)
assert refused(socket.socketpair)
assert refused(os.fork)
assert refused(lambda: os.execv(sys.executable, [sys.executable, "-c", ""]))
assert refused(lambda: subprocess.run([sys.executable, "-c", ""]))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(425, 1, 0) == -1 and ctypes.get_errno() == errno.EPERM
thread = threading.Thread(target=left.send, args=(b"threads and open sockets work",))
thread.start()
thread.join()
print(right.recv(100).decode())
file = os.memfd_create("answer")
socket.send_fds(left, [b"x"], [file])
open(sys.executable, "rb").close()
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no filter for this machine")
def test_sockets_programs_and_processes_are_refused_and_threads_are_not():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "threads and open sockets work\n"), done.stderr


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is an ABI of x86_64")
def test_calls_of_another_abi_end_the_process():
    code = "import ctypes; from app.store import seccomp; seccomp.forbid(); ctypes.CDLL(None).syscall(0x40000000 + 41)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -31  # SIGSYS


def run(code: bytes, architecture: int, number: int, argument: int) -> int:
    """Run a filter on one call, as the kernel does."""
    data = {0: number, 4: architecture, 16: argument}
    value, at = 0, 0
    while True:
        operation, yes, no, constant = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        if operation == 0x20:
            value = data[constant]
        elif operation == 0x06:
            return constant
        else:
            holds = {0x15: value == constant, 0x35: value >= constant, 0x45: bool(value & constant)}[operation]
            at += yes if holds else no


@pytest.mark.parametrize("machine", sorted(seccomp._MACHINES))
def test_the_filter_of_each_machine_does_what_it_says(machine):
    architecture, clone, refused = seccomp._MACHINES[machine]
    code = seccomp.program(architecture, clone, refused)
    eperm, enosys, allow, kill = 0x00050001, 0x00050026, 0x7FFF0000, 0x80000000
    for number in refused:
        assert run(code, architecture, number, 0) == eperm
    assert run(code, architecture, clone, 0x11) == eperm
    assert run(code, architecture, clone, 0x10000 | 0x100) == allow
    assert run(code, architecture, 435, 0) == enosys
    assert run(code, architecture, 0, 0) == allow
    assert run(code, architecture, 0x40000000 + 41, 0) == kill
    assert run(code, 0x40000003, 0, 0) == kill
