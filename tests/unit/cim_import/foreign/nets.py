"""The smallest network of SimBench, taken from its package once."""

from __future__ import annotations

import copy
import functools
import warnings

CODE = "1-LV-rural1--0-no_sw"


@functools.cache
def _read():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about how pandapower asks it
        import simbench

        net = simbench.get_simbench_net(CODE)
    net.name = CODE
    return net


def small_net():
    """A copy that may be changed."""
    return copy.deepcopy(_read())
