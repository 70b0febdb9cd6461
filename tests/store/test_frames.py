"""Messages over a socket, whole and broken."""

import os
import socket
import time

import pytest

from app.store import frames


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    with left, right:
        yield left, right


@pytest.mark.parametrize("body", [b"", b"x", b"x" * 1_000])
def test_a_message_arrives_as_it_was_sent(pair, body):
    frames.send(pair[0], {"name": "snåsa"}, body)
    assert frames.receive(pair[1]) == frames.Message({"name": "snåsa"}, body)


def test_a_file_arrives_as_its_content(pair):
    file = os.memfd_create("test")
    os.write(file, b"content")
    frames.send(pair[0], {}, file=file)
    os.close(file)
    assert frames.receive(pair[1]).body == b"content"


def test_a_file_that_is_no_file_is_not_read(pair):
    reading, writing = os.pipe()
    frames.send(pair[0], {}, file=reading)
    with pytest.raises(EOFError):
        frames.receive(pair[1])
    os.close(reading)
    with pytest.raises(BrokenPipeError):  # the copy that came over is closed too
        os.write(writing, b"x")
    os.close(writing)


def test_half_a_message_is_the_end_or_too_late(pair):
    pair[0].sendall(b"\0\0\0\1")
    with pytest.raises(TimeoutError):
        frames.receive(pair[1], time.monotonic())
    pair[0].sendall(b"\0\0\0\1")
    pair[0].close()
    with pytest.raises(EOFError):
        frames.receive(pair[1])
