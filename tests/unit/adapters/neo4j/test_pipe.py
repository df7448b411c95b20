"""The pipe does what it is told in order, and what fails is raised where it is waited for."""

import gc

import pytest

from graph_service.adapters.neo4j.pipe import collection_paused, piped


class Told:
    """Queries that note what they are asked; the third one fails."""

    def __init__(self, fails=""):
        self.done, self.fails = [], fails

    def do(self, query, **values):
        if query == self.fails:
            raise ZeroDivisionError
        self.done.append((query, values))


def test_pipe__does_all_in_the_order_told():
    told = Told()
    with piped(told) as pipe:
        for at in range(20):
            pipe.do(f"q{at}", at=at)
    assert told.done == [(f"q{at}", {"at": at}) for at in range(20)]


def test_pipe__that_fails__does_nothing_more_and_raises():
    def tell(told):
        with piped(told) as pipe:
            for at in range(20):
                pipe.do(f"q{at}")

    told = Told(fails="q2")
    with pytest.raises(ZeroDivisionError):
        tell(told)
    assert told.done == [("q0", {}), ("q1", {})]


def test_pipe__whose_block_fails__ends():
    with pytest.raises(KeyError), piped(Told()):
        raise KeyError


def test_collection_paused__within_itself__is_on_again_at_the_end_of_the_outer_one():
    with collection_paused():
        with collection_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
