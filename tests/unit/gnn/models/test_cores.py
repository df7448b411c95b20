"""Products are held to one thread while an answer is made, and free again when all have left."""

import numpy as np
from threadpoolctl import threadpool_info

from gnn.features.catalogue import NAMES
from gnn.models.cores import ONE_THREAD, side_by_side
from gnn.models.sage import mean_quantiles
from gnn.models.tree import Tree
from tests.unit.gnn.worlds import drawn_sage


def _threads():
    return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]


def test_one_thread__holds_until_the_last_has_left():
    before = _threads()
    with ONE_THREAD:
        with ONE_THREAD:
            pass
        assert set(_threads()) == {1}
    assert _threads() == before


def test_side_by_side__every_stretch_is_done_once():
    done = np.zeros(10, dtype=int)

    def work(cut):
        done[cut] += 1

    with side_by_side() as each:
        each(work, [slice(0, 4), slice(4, 7), slice(7, 10)])
    assert (done == 1).all()


def test_places_of_several_stretches__say_what_they_say_asked_alone():
    chance, size = np.random.default_rng(1), 20_000
    features = chance.normal(0, 1, (size, 1, len(NAMES))).astype(np.float32)
    tree = Tree.of(np.where(np.arange(size) % 4, np.arange(size) - 1, -1).astype(np.int32))
    some = slice(4_000, 4_400)
    few = Tree.of(np.where(np.arange(400) % 4, np.arange(400) - 1, -1).astype(np.int32))
    whole = mean_quantiles([drawn_sage()], tree, features)
    assert np.abs(whole[some] - mean_quantiles([drawn_sage()], few, features[some])).max() < 1e-5
