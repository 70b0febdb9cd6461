"""Messages between the server and a query worker: a JSON document, bytes, and perhaps an open file (SCM_RIGHTS).

JSON, not pickle: the worker runs what strangers send, and nothing it says is executed.
"""

import json
import os
import select
import socket
import stat
import struct
import time
from typing import Any, Final, NamedTuple

_HEAD: Final = struct.Struct("!II")
_FILE: Final = struct.Struct("i")
_ROOM: Final = socket.CMSG_SPACE(_FILE.size)
# As numbers: to put flags of an enumeration together takes as long as to encode a message.
_AT_ONCE, _CLOSE = int(socket.MSG_DONTWAIT), int(socket.MSG_CMSG_CLOEXEC)
# Most messages are smaller than the first part that is taken. No part is larger than the second number, whatever the
# other side says is to come.
_FIRST, _LARGEST = 32_768, 131_072


class Message(NamedTuple):
    """One message: document and body."""

    document: dict[str, Any]
    body: bytes = b""


def send(
    channel: socket.socket,
    document: dict[str, Any],
    body: bytes = b"",
    file: int | None = None,
    until: float | None = None,
) -> None:
    """Send a message; the body is in bytes or in a file. TimeoutError at until (time.monotonic())."""
    text = json.dumps(document).encode()
    message = _HEAD.pack(len(text), len(body)) + text
    rest = memoryview(message + body)
    if file is not None:
        rest = rest[socket.send_fds(channel, [message], [file]) :]
    while rest:
        try:
            rest = rest[channel.send(rest, _flags(until)) :]
        except BlockingIOError:
            _wait(channel, select.POLLOUT, until)


def receive(channel: socket.socket, until: float | None = None) -> Message:
    """Take a message; EOFError when the other side has gone, TimeoutError at until (time.monotonic())."""
    files: list[int] = []
    data = bytearray()
    try:
        wanted = _HEAD.size
        while len(data) < wanted:
            part, new_files = _part(channel, until, min(max(_FIRST, wanted - len(data)), _LARGEST))
            files += new_files
            if not part:
                raise EOFError
            data += part
            if len(data) >= _HEAD.size:
                length, size = _HEAD.unpack_from(data)
                wanted = _HEAD.size + length + size
        document = json.loads(data[_HEAD.size : _HEAD.size + length])
        return Message(document, _content(files[0]) if files else bytes(data[_HEAD.size + length :]))
    finally:
        for file in files:
            os.close(file)


def has_arrived(channel: socket.socket, until: float) -> bool:
    """Wait until something has arrived; say whether it has by then."""
    try:
        _wait(channel, select.POLLIN, until)
    except TimeoutError:
        return False
    return True


def _part(channel: socket.socket, until: float | None, size: int) -> tuple[bytes, list[int]]:
    while True:
        try:
            # socket.recv_fds takes flags and passes none of them on (Python 3.11 to 3.13).
            part, beside, _, _ = channel.recvmsg(size, _ROOM, _CLOSE | _flags(until))
        except BlockingIOError:
            _wait(channel, select.POLLIN, until)
        else:
            return part, [file for each in beside for (file,) in _FILE.iter_unpack(each[2])]


def _flags(until: float | None) -> int:
    """Ask the kernel first and wait only if it has nothing: a timeout of the socket's would cost a call each time."""
    return 0 if until is None else _AT_ONCE


def _wait(channel: socket.socket, event: int, until: float | None) -> None:
    waiting = select.poll()
    waiting.register(channel, event)
    if not waiting.poll(None if until is None else max(0, 1000 * (until - time.monotonic()))):
        raise TimeoutError


def _content(file: int) -> bytes:
    """Read a file whole, from its beginning: the one copy an answer makes on its way."""
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise EOFError
    return os.pread(file, found.st_size, 0)
