"""The numpy network equals its torch twin, its quantiles ascend, added places only listen."""

import numpy as np
import pytest

from gnn.features.catalogue import NAMES
from gnn.models.sage import QUANTILES
from gnn.models.tree import Tree
from tests.unit.gnn.worlds import drawn_sage

PARENTS = np.array([-1, 0, 1, 2, 2, 1, 5, -1, 7], dtype=np.int32)


def _features(places=9, asked=4, seed=3):
    shape = (places, asked, len(NAMES))
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_numpy__equals_torch(layers):
    torch = pytest.importorskip("torch")
    from gnn.training.network import SageNetwork, matrices

    torch.manual_seed(layers)
    mean, spread = drawn_sage().arrays["mean"], np.full(len(NAMES), 1.5, dtype=np.float32)
    network, tree = SageNetwork(mean, spread, 32, layers), Tree.of(PARENTS)
    with torch.no_grad():
        said = network(*matrices(tree), torch.from_numpy(_features())).numpy()
    assert np.abs(network.weights().quantiles(tree, _features()) - said).max() < 1e-5


def test_layer__equals_that_of_torch_geometric():
    torch = pytest.importorskip("torch")
    pyg = pytest.importorskip("torch_geometric.nn")
    below = np.flatnonzero(PARENTS >= 0)
    edges = torch.from_numpy(np.stack([below, PARENTS[below]]).astype(np.int64))
    layer = pyg.SAGEConv(5, 3, aggr="mean", bias=False)
    h = torch.from_numpy(np.random.default_rng(1).normal(0, 1, (9, 5)).astype(np.float32))
    with torch.no_grad():
        said = layer(h, edges).numpy()
        child, own = layer.lin_l.weight.T.numpy(), layer.lin_r.weight.T.numpy()
    mine = (Tree.of(PARENTS).children @ h.numpy()) @ child + h.numpy() @ own
    assert np.abs(mine - said).max() < 1e-5


def test_quantiles__ascend_everywhere():
    said = drawn_sage().quantiles(Tree.of(PARENTS), _features())
    assert said.shape == (len(PARENTS), 4, len(QUANTILES))
    assert (np.diff(said, axis=-1) >= 0).all()


def test_added_places__change_nothing_for_the_others():
    alone = drawn_sage().quantiles(Tree.of(PARENTS), _features())
    more = np.append(PARENTS, [3, 0]).astype(np.int32)
    features = np.concatenate([_features(), _features(2, seed=8)])
    together = drawn_sage().quantiles(Tree.of(more, base=len(PARENTS)), features)
    assert np.abs(together[: len(PARENTS)] - alone).max() < 1e-6


def test_places__hear_those_within_as_many_steps_as_there_are_layers():
    changed = _features()
    changed[8] += 5.0
    tree, sage = Tree.of(PARENTS), drawn_sage(layers=2)
    moved = sage.quantiles(tree, changed) != sage.quantiles(tree, _features())
    assert np.flatnonzero(moved.any(axis=(1, 2))).tolist() == [7, 8]
