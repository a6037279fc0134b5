from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from autoal.errors import ModelError
from autoal.models.last_linear import LastLinear
from autoal.models.mlp import mlp

X = torch.randn(6, 5, generator=torch.Generator().manual_seed(0))


class Branched(nn.Module):
    """The layer made first runs last among those as wide as the output; a side output, wider, runs after it."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.out = nn.Linear(8, n_classes)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(5, 8), nn.Tanh())
        self.side = nn.Linear(8, 17)

    def forward(self, x: Tensor) -> Tensor:
        h = self.body(x)
        logits = self.out(h)
        self.side(h)
        return torch.as_tensor(logits)


class Tempered(nn.Module):
    """More is done to the output of the layer."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return 5 * torch.as_tensor(self.out(x))


class Positions(nn.Module):
    """The layer runs on every position (n, 5, 1), and the logits are a mean over them."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(1, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.out(x[..., None])).mean(dim=1)


def tap(module: nn.Module, name: str | None = None) -> LastLinear:
    found = LastLinear(module.eval(), name)
    found.look(X[:1])
    return found


def test_the_layer_is_the_last_to_run_that_is_as_wide_as_the_output() -> None:
    module = Branched(3)
    found = tap(module)
    logits, embedding = found.run(X)
    assert found.head()[0] is module.out
    assert torch.equal(embedding, module.body(X))
    assert torch.equal(logits, module.out(embedding))


def test_a_named_layer_gives_its_input_flattened() -> None:
    assert torch.equal(tap(Branched(3), "body.1").run(X)[1], X)
    convolution = nn.Sequential(nn.Unflatten(1, (5, 1)), nn.Conv1d(5, 3, 1), nn.Flatten())
    assert torch.equal(tap(convolution, "1").run(X)[1], X)


def test_a_module_without_such_a_layer_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"linear layer in the module.*got none.*embedding="):
        tap(nn.Sequential(nn.Unflatten(1, (5, 1)), nn.Conv1d(5, 3, 1), nn.Flatten()))
    with pytest.raises(ModelError, match=r"name of a layer.*embedding='fc'.*body\.1"):
        LastLinear(Branched(3), "fc")
    unused = Branched(3)
    unused.spare = nn.Linear(2, 2)
    with pytest.raises(ModelError, match="the layer 'spare' to run"):
        LastLinear(unused, "spare").run(X)


@pytest.mark.parametrize(
    ("module", "name"),
    [(Tempered(), None), (Positions(), None), (mlp(5, 3, hidden=(8,)), "1"), (Branched(8), "body.1")],
)
def test_there_is_no_head_where_more_lies_behind_the_embedding(module: nn.Module, name: str | None) -> None:
    """Also where an inner layer happens to be as wide as the output."""
    with pytest.raises(ModelError, match="other operations behind the input of"):
        tap(module, name).head()


@pytest.mark.parametrize("end", [nn.LogSoftmax(dim=1), nn.Identity()])
def test_a_log_softmax_behind_the_layer_changes_nothing(end: nn.Module) -> None:
    module = nn.Sequential(nn.Linear(5, 3), end)
    assert tap(module).head()[0] is module[0]


@pytest.mark.parametrize(
    ("between", "rate"),
    [
        ([nn.Dropout(0.3)], 0.3),
        ([nn.Dropout(0.2), nn.Dropout(0.3), nn.Flatten()], 0.3),
        ([nn.Dropout(0.3), nn.ReLU()], None),
        ([nn.Dropout(0.0)], None),
        ([nn.Dropout(1.0)], None),
        ([], None),
    ],
)
def test_only_a_dropout_directly_in_front_gives_its_rate(between: list[nn.Module], rate: float | None) -> None:
    assert tap(nn.Sequential(nn.Linear(5, 8), *between, nn.Linear(8, 3))).head()[1] == rate


def test_no_hook_is_left_behind() -> None:
    module = Branched(3)
    tap(module).run(X)
    assert not any(layer._forward_pre_hooks for layer in module.modules())
