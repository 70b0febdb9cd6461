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


def until_heavy(admission, client):
    """Let a client have a query that uses much."""
    with admission.enter(client) as turn:
        turn.used = 99.0


def test_heavy_clients_leave_the_last_place_and_wait_behind_others():
    admission = Admission(running=2, waiting=9, per_client=1, patience=30, long=0)
    for client in "abcde":
        until_heavy(admission, client)
    go, order = threading.Event(), []

    def query(client):
        with admission.enter(client):
            order.append(client)
            go.wait(30)

    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(query, client) for client in "abcde"]
        until(lambda: (admission.running, admission.waiting) == (3, 2))
        for _ in range(3):
            with admission.enter("light"):
                assert admission.running == 4
        go.set()
        for each in asked:
            each.result()


def test_a_full_queue_sends_away_a_heavy_client_rather_than_who_comes():
    admission = Admission(running=1, waiting=1, per_client=1, patience=30, long=30)
    go = threading.Event()

    def query(client):
        with admission.enter(client):
            go.wait(30)

    with admission.enter("heavy") as turn:
        turn.used = 99.0
    with ThreadPoolExecutor() as threads:
        first = threads.submit(query, "first")
        until(lambda: admission.running == 1)
        heavy = threads.submit(query, "heavy")
        until(lambda: admission.waiting == 1)
        light = threads.submit(query, "light")
        with pytest.raises(QueueFull):
            heavy.result(30)
        go.set()
        first.result()
        light.result()


def test_one_of_the_long_ones_gives_way_once_when_a_light_client_waits():
    admission = Admission(running=1, waiting=2, per_client=1, patience=30, long=0)

    def light():
        with admission.enter("light"):
            pass

    for gave_way in (False, True):  # who gave way runs again in its turn, and then to its end
        with ThreadPoolExecutor() as threads, admission.enter("a", gave_way=True) as older:
            with admission.enter(f"b{gave_way}") as newer:
                newer.gave_way = gave_way
                older.used = newer.used = 99.0
                assert (older.must_end(), newer.must_end()) == (False, False)
                waiting = threads.submit(light)
                until(lambda: admission.waiting == 1)
                assert (older.must_end(), newer.must_end()) == (False, not gave_way)
            waiting.result()


def test_who_is_known_for_short_queries_goes_before_strangers():
    admission = Admission(running=1, waiting=4, per_client=2, patience=30, long=30)
    with admission.enter("known"):
        pass
    order = []

    def query(client):
        with admission.enter(client):
            order.append(client)

    with ThreadPoolExecutor() as threads, admission.enter("first"):
        asked = []
        for number, client in enumerate(("stranger", "known")):
            asked.append(threads.submit(query, client))
            until(lambda number=number: admission.waiting == number + 1)
    assert [each.result() for each in asked] == [None, None]
    assert order == ["known", "stranger"]
