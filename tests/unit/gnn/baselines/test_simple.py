"""Simple estimates as quantiles: one number for all of them, what is corrected being nought."""

import numpy as np

from gnn.baselines.simple import simple_quantiles
from gnn.features.loads import CORRECTED, ESTIMATES
from tests.unit.gnn.stacks import drawn_stack


def test_what_is_corrected__is_no_correction_at_all():
    assert (simple_quantiles(drawn_stack(), CORRECTED) == 0).all()


def test_last_week__is_said_in_scales_from_what_is_corrected():
    stack = drawn_stack()
    said = simple_quantiles(stack, "last week")
    load = stack.base + stack.scale * said[:, :, 0]
    assert np.allclose(load, stack.estimates[:, :, ESTIMATES.index("last week")])
    assert (said == said[:, :, :1]).all()
