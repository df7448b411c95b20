"""The pipe does what it is told in order, and what fails is raised where it is waited for."""

import threading

import pytest

from graph_service.adapters.neo4j.pipe import Pipe


class Told:
    """Notes what it is asked; one thing fails."""

    def __init__(self, fails=""):
        self.done, self.fails = [], fails

    def do(self, query, **values):
        if query == self.fails:
            raise ZeroDivisionError
        self.done.append((query, values))


def test_pipe__does_all_in_the_order_told():
    told = Told()
    pipe = Pipe(told.do)
    for at in range(20):
        pipe.do(f"q{at}", at=at)
    pipe.settle()
    assert told.done == [(f"q{at}", {"at": at}) for at in range(20)]
    pipe.end()


def test_pipe__that_fails__does_nothing_more_and_raises():
    def tell(pipe):
        for at in range(20):
            pipe.do(f"q{at}")
        pipe.settle()

    told = Told(fails="q2")
    pipe = Pipe(told.do)
    with pytest.raises(ZeroDivisionError):
        tell(pipe)
    pipe.end()
    assert told.done == [("q0", {}), ("q1", {})]


def test_pipe__that_ends__leaves_undone_what_is_not_begun():
    begun, going_on, done = threading.Event(), threading.Event(), []

    def work(query):
        begun.set()
        going_on.wait()
        done.append(query)

    pipe = Pipe(work)
    pipe.do("q0")
    pipe.do("q1")
    begun.wait()
    threading.Timer(0.05, going_on.set).start()
    pipe.end()
    assert done == ["q0"]


def test_pipe__that_was_told_nothing__ends():
    before = threading.active_count()
    Pipe(Told().do).end()
    assert threading.active_count() == before
