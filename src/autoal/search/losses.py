"""The objectives of the two networks: Eq. 7, 8 and 9 of AutoAL."""

from __future__ import annotations

import torch
from torch import Tensor

TINY = 1e-8  # under a root, whose slope at zero is infinite; and below a fraction


def count_regulariser(alpha: Tensor, target: float) -> Tensor:
    """L_re (Eq. 9) = 1 / (1 + exp(0.5 |alpha - tB|)) - 0.5: zero at alpha = tB, negative elsewhere.

    The deviation is counted in units of the target tB, so that the gradient does not vanish for large batches. A target
    below one counts as one: no fewer can be selected, and then L_re is zero at alpha = 1.
    """
    target = max(target, 1.0)
    return torch.sigmoid(-0.5 * (alpha - target).abs() / target) - 0.5


def search_loss(S_bar: Tensor, loss: Tensor, L_re: Tensor, lambda_bar: float) -> Tensor:
    """L_S (Eq. 8) = -mean_j S-bar_j l_j - lambda-bar L_re, with no gradient through the losses l (B,)."""
    return -(S_bar * loss.detach()).mean() - lambda_bar * L_re


def fit_loss(S_bar: Tensor, loss: Tensor, L_re: Tensor, lambda_bar: float) -> Tensor:
    """L_F (Eq. 7) = mean_j S-bar_j l_j + lambda-bar L_re, with no gradient through S-bar (B,).

    A negative weight would ask the network to forget a sample, so S-bar is shifted to start at zero and scaled to mean
    one, which leaves its order and proportions of distance.
    """
    return (relative_weight(S_bar.detach()) * loss).mean() + lambda_bar * L_re.detach()


def relative_weight(S_bar: Tensor) -> Tensor:
    """S-bar (B,) shifted to minimum 0 and scaled to mean 1; all ones where it is constant."""
    shifted = S_bar - S_bar.min()
    mean = shifted.mean()
    return shifted / mean if float(mean) > 1e-8 else torch.ones_like(shifted)


def advantage(loss: Tensor) -> Tensor:
    """Losses (B,) as deviations from their mean, in standard deviations, held within 3.

    The count regulariser fixes the mean of S-bar, so subtracting the mean loss changes no optimum, but without it the
    objective mostly rewards raising every score at once.
    """
    centred = loss - loss.mean()
    return (centred / centred.std(correction=0).clamp_min(1e-6)).clamp(-3, 3)


def learnable(before: Tensor, after: Tensor) -> Tensor:
    """What a label taught (B,), from p(y) `before` and `after` a network was trained on it among others.

    The error beforehand, 1 - before, and what was learned, after - before, both as advantages, count alike. An error
    alone is also high where a class cannot be told, by this model or by any; what was learned alone, wherever a model
    follows single samples easily.
    """
    return advantage(1 - before) + advantage(after - before)


def handicap(S: Tensor, loss: Tensor, tolerance: float) -> Tensor:
    """What candidates (K,) are credited with whose scores S (m, K) follow the loss (m,) nearly as closely as the best.

    The objective is linear in the weights, so that of two good guides one would get all, by whatever small difference,
    though which of them chooses the better batches is not what losses can say. A candidate whose correlation c with
    the loss is at least `tolerance` times the greatest is therefore credited with what it lacks to that; others with
    nothing.
    """
    c = (S * advantage(loss)[:, None]).mean(dim=0)
    best = c.max()
    return torch.where((c > 0) & (c >= tolerance * best), best - c, 0.0)


def prior_penalty(log_vote: Tensor, log_first: Tensor, prior: float, doubt: float) -> Tensor:
    """How far the vote of all samples (K,) has moved from the first one, in standard errors of the objective.

    prior KL(vote || first) + doubt sum_k |vote_k - first_k|, of two votes in logarithms. Moving a part of the vote from
    one candidate to another gains that part times the difference of their correlations with the loss, of which one
    standard error is at most 2 / sqrt(m): nothing moves until the difference is more than `doubt` of these, whatever
    has moved already, and the first term keeps what does move within bounds.
    """
    vote = log_vote.exp()
    return prior * (vote * (log_vote - log_first)).sum() + doubt * parts_moved(vote, log_first.exp())


def parts_moved(vote: Tensor, origin: Tensor) -> Tensor:
    """sum_k |vote_k - origin_k| (...,) of two votes (..., K): 0 if they are alike, 2 if they have nothing in common."""
    return (vote - origin).abs().sum(dim=-1)


def own_departure(votes: Tensor, shared: Tensor) -> Tensor:
    """What of the votes of single samples (n, K) is elsewhere than in the one that all share (K,): a root mean square.

    As a root, and not a square, it holds all samples together until they have more evidence against that than the
    network finds in noise.
    """
    return (parts_moved(votes, shared).square().mean() + TINY).sqrt()
