"""Messages between the server and a query worker: a JSON document, bytes, and perhaps an open file (SCM_RIGHTS).

JSON, not pickle: the worker runs what strangers send, and nothing it says is executed.
"""

import json
import os
import socket
import stat
import struct
import time
from dataclasses import dataclass
from typing import Any, Final

_HEAD: Final = struct.Struct("!II")
_CHUNK: Final = 131_072


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: document and body."""

    document: dict[str, Any]
    body: bytes = b""


def send(channel: socket.socket, document: dict[str, Any], body: bytes = b"", file: int | None = None) -> None:
    """Send a message; the body is in bytes or in a file."""
    text = json.dumps(document).encode()
    message = _HEAD.pack(len(text), len(body)) + text
    if file is None:
        channel.sendall(message + body)
        return
    sent = socket.send_fds(channel, [message], [file])
    channel.sendall(message[sent:])


def receive(channel: socket.socket, until: float | None = None) -> Frame:
    """Take a message; EOFError when the other side has gone, TimeoutError at until (time.monotonic())."""
    files: list[int] = []
    data = bytearray()
    try:
        wanted = _HEAD.size
        while len(data) < wanted:
            part, new_files = _part(channel, until)
            files += new_files
            if not part:
                raise EOFError
            data += part
            if len(data) >= _HEAD.size:
                length, size = _HEAD.unpack_from(data)
                wanted = _HEAD.size + length + size
        document = json.loads(data[_HEAD.size : _HEAD.size + length])
        return Frame(document, _content(files[0]) if files else bytes(data[_HEAD.size + length :]))
    finally:
        for file in files:
            os.close(file)


def _part(channel: socket.socket, until: float | None) -> tuple[bytes, list[int]]:
    channel.settimeout(None if until is None else max(until - time.monotonic(), 0.001))
    part, files, _flags, _address = socket.recv_fds(channel, _CHUNK, 1, socket.MSG_CMSG_CLOEXEC)
    return part, files


def _content(file: int) -> bytes:
    """Read a file whole, from its beginning: the one copy an answer makes on its way."""
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise EOFError
    return os.pread(file, found.st_size, 0)
