"""All settings of the vote and of the search; `AutoAL` takes each as an argument."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np

from autoal.errors import InputError
from autoal.models.dropout import require_rate
from autoal.numeric import is_finite
from autoal.strategies.coverage import REFERENCES
from autoal.strategies.settings import is_one_of, require_not_negative, require_positive, require_whole

Batch = Literal["herding", "topk"]
Scale = Literal["rank", "zscore"]
Space = Literal["joint", "embedding"]
View = Literal["embedding", "inputs"]
FitNetKind = Literal["embedding", "inputs", "model", "fitted"]
Optimiser = Literal["adam", "sgd"]
Signal = Literal["learnable", "error", "cross_entropy"]
Score = Literal["vote", "predicted_loss"]


@dataclass(frozen=True, kw_only=True)
class VoteSettings:
    """Settings of a vote of candidates.

    Args:
        batch: `herding` covers the pool, weighted by the integrated score; `topk` takes the highest scores.
        scale: `rank` or `zscore`, how the candidates' scores are made comparable.
        max_components: of the Gaussian mixture; the number is chosen by BIC. 0 takes the quantiles of the scores
            themselves.
        scaled_thresholds: whether one factor scales the thresholds so that the first vote selects the batch's share;
            False takes each candidate's own quantile, as the paper does. See `thresholds`.
        sharpness: herding counts the coverage of a sample by its weighted mean rank to this power.
        references: samples of the pool whose coverage herding counts, at least; see `herding`.
        space: where herding measures distances: in the model's `embedding` alone, or `joint` with the vectors that the
            model was given or features of the images that it was; see `joint_space`.
        normalised: whether gates share out the vote; the paper's also raise it. See `gated_weights`.
        balanced: whether it also counts samples by how rare their class is expected to be; see `class_need`.
    """

    batch: Batch = "herding"
    scale: Scale = "rank"
    max_components: int = 5
    scaled_thresholds: bool = True
    sharpness: float = 2.0
    references: int = REFERENCES
    space: Space = "joint"
    normalised: bool = True
    balanced: bool = True

    def check_vote(self) -> None:
        """Refuse values that no vote can be held with."""
        _require_choice("batch", self.batch, get_args(Batch))
        _require_choice("scale", self.scale, get_args(Scale))
        _require_choice("space", self.space, get_args(Space))
        require_whole(self, "max_components", least=0)
        require_whole(self, "references")
        require_positive(self, "sharpness")
        _require_yes_or_no(self)


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """Settings of the bilevel search.

    Args:
        searchnet: what SearchNet sees: the model's `embedding`, or the `inputs` through a ResNet-18.
        fitnet: what FitNet is: a softmax regression on the `embedding`, a clone of the user's `model`, a ResNet-18
            on the `inputs`, or no network of its own: the user's model as it is, `fitted` to all labels.
        cycles: how often the labelled set is split anew; SearchNet goes on learning from cycle to cycle.
        fit_steps: steps in which each FitNet is trained before the networks take turns.
        search_steps: turns a cycle; in each, SearchNet makes a step on rows of both halves, then each FitNet its own. 0
            leaves the vote as it starts.
        minibatch: samples a step of SearchNet, B, half of them from either half of the labelled set.
        fit_lr: learning rate of FitNet before the turns; in them it has a tenth.
        search_lr: learning rate of the weights that all samples share; the network has a tenth of it (with adam).
        optimiser: of SearchNet.
        hidden: units of each of SearchNet's two layers, on an embedding.
        lambda_bar: weight of the count regulariser, lambda-bar.
        tau_start: temperature of the soft count at the first step, in standard deviations of the scores.
        tau_end: the same at the last step.
        loss_prediction: weight of the ranking loss of the loss-prediction head.
        doubt: evidence, in standard errors of the objective, that is ignored: both by the vote of all samples and by
            what of the votes of single samples differs from it.
        prior: evidence needed for each unit of divergence of the former from where they start, in the same unit.
        weight_decay: of the network that tells samples apart, with AdamW; SGD has the paper's 5e-4 for all.
        dropout: of the units of that network, on an embedding.
        tolerance: candidates whose scores follow the loss at least so closely, relative to the best, count as equally
            good; 1 tells every difference. See `handicap`.
        signal: what says that a sample was worth labelling: `learnable`, that it was not known before and is after;
            `error`, the former alone: the probability 1 - p(y) of all other classes, which also counts where no FitNet
            has been kept from the sample; or `cross_entropy`, as in the paper, in which a few sure mistakes outweigh
            the rest. See `losses.learnable`.
        centred: whether losses count as deviations from their mean; False is Eq. 8 to the letter.
        held_out: whether a FitNet is judged on labels that it has not seen; False trains and judges one on them all.
        gates: whether Theta is learned; False leaves all gates open.
        gate_bound: the size that no gate Theta exceeds; None sets no bound, as in the paper.
        width: channels of the first stage of the ResNet-18 that sees `inputs`; 64 is the published network.
        per_sample: whether samples have weights and gates of their own beside those that all share.
        favourite: the candidate that is trusted most before anything is learned. None starts from a uniform vote, as
            the default does without Margin among the candidates.
        favour: its part of the first vote, below 1; the others share the rest evenly. Less than an equal part is none.
        score: what is chosen by: the `vote`, or the loss that the loss-prediction head predicts, without the vote.
    """

    searchnet: View = "embedding"
    fitnet: FitNetKind = "embedding"
    cycles: int = 3
    fit_steps: int = 100
    search_steps: int = 20
    minibatch: int = 256
    fit_lr: float = 0.02
    search_lr: float = 0.2
    optimiser: Optimiser = "adam"
    hidden: int = 32
    lambda_bar: float = 0.1
    tau_start: float = 1.0
    tau_end: float = 0.1
    loss_prediction: float = 0.1
    doubt: float = 2.0
    prior: float = 0.25
    weight_decay: float = 1.0
    dropout: float = 0.5
    tolerance: float = 0.5
    signal: Signal = "learnable"
    centred: bool = True
    held_out: bool = True
    gates: bool = True
    gate_bound: float | None = None
    width: int = 64
    per_sample: bool = True
    favourite: str | None = "margin"  # `python benchmarks/first_vote.py` compares it with others
    favour: float = 0.85
    score: Score = "vote"

    @property
    def tells_learnable(self) -> bool:
        """Whether one FitNet has been trained on a sample, and another has not."""
        return self.held_out and self.fitnet != "fitted"

    def check_search(self) -> None:
        """Refuse values that no search can run with."""
        require_whole(self, "cycles", "fit_steps", "minibatch", "hidden", "width")
        require_whole(self, "search_steps", least=0)
        require_not_negative(self, "doubt", "prior", "lambda_bar", "loss_prediction", "weight_decay")
        require_positive(self, "fit_lr", "search_lr", "tau_start", "tau_end")
        if self.gate_bound is not None:
            require_positive(self, "gate_bound")
        require_rate(self.dropout)
        if not (is_finite(self.tolerance) and 0 <= self.tolerance <= 1):
            raise InputError("a tolerance from 0 to 1", repr(self.tolerance), "tolerance=0.5")
        if not (is_finite(self.favour) and 0 < self.favour < 1):
            raise InputError("favour, a part of the vote, between 0 and 1", repr(self.favour), "favour=0.85")
        _require_choice("searchnet", self.searchnet, get_args(View))
        _require_choice("fitnet", self.fitnet, get_args(FitNetKind))
        _require_choice("optimiser", self.optimiser, get_args(Optimiser))
        _require_choice("signal", self.signal, get_args(Signal))
        _require_choice("score", self.score, get_args(Score))


def _require_yes_or_no(settings: VoteSettings) -> None:
    """Of every setting that is one by default, also those of the search."""
    for field in fields(settings):
        got = getattr(settings, field.name)
        if isinstance(field.default, bool) and not isinstance(got, bool | np.bool_):
            raise InputError(f"{field.name}, True or False", repr(got), f"{field.name}={field.default}")


def _require_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if not is_one_of(value, choices):
        raise InputError(f"{name} among {', '.join(choices)}", repr(value), f"{name}={choices[0]!r}")
