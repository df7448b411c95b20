"""Garbage is looked for again when the outermost write has ended."""

import gc

from graph_service.adapters.neo4j.collector import collection_paused


def test_collection_paused__within_itself__is_on_again_at_the_end_of_the_outer_one():
    with collection_paused():
        with collection_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collection_paused__for_a_small_write__leaves_aside_what_was_set_aside():
    gc.collect()
    gc.freeze()
    try:
        with collection_paused():
            pass
        assert gc.get_freeze_count() > 1_000
    finally:
        gc.unfreeze()
