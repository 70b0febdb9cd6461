"""The queue before the query workers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.web.admission import Admission, QueueFull, TooManyOfClient
from tests.waiting import until


def test_so_many_run_so_many_wait_and_the_next_is_sent_away():
    admission = Admission(running=2, waiting=1, per_client=9, patience=30, long=30)
    go = threading.Event()

    def query(client):
        with admission.enter(client):
            go.wait(30)

    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(query, client) for client in "abc"]
        until(lambda: (admission.running, admission.waiting) == (2, 1))
        with pytest.raises(QueueFull, match="INNHERRED_QUERY_WAITING"), admission.enter("d"):
            pass
        go.set()
        for each in asked:
            each.result()
    assert (admission.running, admission.waiting) == (0, 0)
    with admission.enter("d"):
        assert admission.running == 1


def test_one_client_has_so_many_and_others_are_let_in():
    admission = Admission(running=4, waiting=4, per_client=2, patience=30, long=30)
    with admission.enter("a"), admission.enter("a"):
        with pytest.raises(TooManyOfClient, match="INNHERRED_QUERY_PER_CLIENT"), admission.enter("a"):
            pass
        with admission.enter("b"):
            assert admission.running == 3
    with admission.enter("a"):
        assert admission.running == 1


def test_who_waits_too_long_is_sent_away():
    admission = Admission(running=1, waiting=1, per_client=2, patience=0.01, long=30)
    with admission.enter("a"):
        with pytest.raises(QueueFull, match="INNHERRED_QUERY_DEADLINE"), admission.enter("b"):
            pass
        assert admission.waiting == 0


def test_who_has_least_running_is_next():
    admission = Admission(running=2, waiting=4, per_client=4, patience=30, long=30)
    order = []

    def query(client):
        with admission.enter(client):
            order.append(client)

    with ThreadPoolExecutor() as threads, admission.enter("a"):
        with admission.enter("a"):
            greedy = threads.submit(query, "a")
            until(lambda: admission.waiting == 1)
            other = threads.submit(query, "b")
            until(lambda: admission.waiting == 2)
        greedy.result()
        other.result()
    assert order == ["b", "a"]


def test_an_error_of_a_query_frees_its_place():
    admission = Admission(running=1, waiting=0, per_client=1, patience=1, long=30)
    for _ in range(3):
        with pytest.raises(KeyError), admission.enter("a"):
            raise KeyError
    assert admission.running == 0


def test_a_long_query_leaves_its_place_to_the_next_but_no_more_than_twice_as_many_run():
    admission = Admission(running=1, waiting=0, per_client=2, patience=30, long=0)
    with admission.enter("a"), admission.enter("b"):
        assert admission.running == 2
        with pytest.raises(QueueFull), admission.enter("c"):
            pass


def test_one_client_has_at_most_half_of_all_places_and_a_light_query_is_let_in():
    admission = Admission(running=2, waiting=4, per_client=4, patience=30, long=0)
    go = threading.Event()

    def hog():
        with admission.enter("a"):
            go.wait(30)

    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(hog) for _ in range(4)]
        until(lambda: (admission.running, admission.waiting) == (2, 2))
        with admission.enter("b"), admission.enter("c"):
            assert (admission.running, admission.waiting) == (4, 2)
        assert admission.waiting == 2
        go.set()
        for each in asked:
            each.result()
    assert admission.running == 0


def test_who_waits_is_let_in_when_a_query_becomes_a_long_one():
    admission = Admission(running=1, waiting=1, per_client=1, patience=30, long=0.01)
    with admission.enter("a"), admission.enter("b"):
        assert admission.running == 2
