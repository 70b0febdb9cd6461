"""Forbids a process what answering queries never needs: sockets, other programs, new processes (Linux seccomp).

The filter is a classic BPF program over ``struct seccomp_data`` (number at offset 0, architecture at 4, low half of
the first argument at 16); see seccomp(2). Install it before the first thread starts: threads inherit it.
"""

import ctypes
import errno
import platform
import struct
import sys
from typing import Final

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K

_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000  # the whole process
_FAIL: Final = 0x00050000  # the low half is the error number

_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_MODE_FILTER: Final = 2

_CLONE_THREAD: Final = 0x00010000
_X32: Final = 0x40000000  # calls of the x32 ABI carry this bit and the architecture of x86_64

# Machine: its AUDIT_ARCH number, its number of clone, and those of what is refused, from the kernel's tables.
# clone3 hides its flags in memory, so it is said not to exist: the C library then takes clone.
_CLONE3: Final = 435
_EVERYWHERE: Final = (425, 426, 427)  # io_uring_setup, _enter, _register: a way around any filter of calls
_MACHINES: Final = {
    "x86_64": (
        0xC000003E,
        56,
        # socket connect accept bind listen socketpair fork vfork execve ptrace accept4
        # process_vm_readv process_vm_writev execveat
        (41, 42, 43, 49, 50, 53, 57, 58, 59, 101, 288, 310, 311, 322),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        # socket socketpair bind listen accept connect execve ptrace accept4
        # process_vm_readv process_vm_writev execveat
        (198, 199, 200, 201, 202, 203, 221, 117, 242, 270, 271, 281),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forbid() -> bool:
    """Forbid this process and all it starts; False where the machine or the kernel cannot."""
    machine = _MACHINES.get(platform.machine())
    if not sys.platform.startswith("linux") or machine is None or sys.maxsize <= 2**32:
        return False
    code = program(*machine)
    described = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    mode = ctypes.c_ulong(_MODE_FILTER)
    return bool(libc.prctl(_PR_SET_SECCOMP, mode, ctypes.byref(described), zero, zero) == 0)


def program(architecture: int, clone: int, refused: tuple[int, ...]) -> bytes:
    """Give the filter: another architecture's calls end the process, refused ones fail with EPERM."""
    code = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
    ]
    for number in (*refused, *_EVERYWHERE):
        code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _FAIL | errno.EPERM)]
    code += [
        (_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, 16),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),  # a thread is allowed, a process is not
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
