"""The objectives of the two networks: Eq. 7, 8 and 9 of AutoAL."""

from __future__ import annotations

import torch
from torch import Tensor

TINY = 1e-8  # under a root, whose slope at zero is infinite


def count_regulariser(alpha: Tensor, target: float) -> Tensor:
    """L_re (Eq. 9) = 1 / (1 + exp(0.5 |alpha - tB|)) - 0.5: zero at alpha = tB, negative elsewhere.

    The deviation is counted in units of the target tB, so that the gradient does not vanish for large batches.
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


def prior_penalty(shared: Tensor, log_first: Tensor, prior: float, doubt: float) -> Tensor:
    """How far logits and gates (2 K,) have moved from the first vote W_0, in standard errors of the objective.

    prior (KL(W || W_0) + |Theta|^2 / 2) + doubt sum_k W_0k (|logit_k - mean| + |Theta_k|), W_0 = softmax(log_first),
    with means weighted by W_0. At the first vote, a candidate whose score correlates with the loss by c_k pulls its
    logit with W_0k (c_k - mean). The second term holds the logit at zero until that is more than `doubt` standard
    errors, and the first keeps what does move within bounds.
    """
    logits, Theta = shared.chunk(2)
    log_W, log_W_0 = torch.log_softmax(log_first + logits, dim=0), torch.log_softmax(log_first, dim=0)
    divergence = (log_W.exp() * (log_W - log_W_0)).sum() + Theta.square().sum() / 2
    W_0 = log_W_0.exp()
    departure = W_0 @ ((logits - W_0 @ logits).abs() + Theta.abs())
    return prior * divergence + doubt * departure


def own_departure(deviation: Tensor, log_first: Tensor) -> Tensor:
    """How far the logits and gates of single samples (n, 2 K) are from those that all share: the root of a mean square.

    Candidates count by the first vote. As a root, and not a square, it holds all samples together until they have more
    evidence against that than the network finds in noise.
    """
    W_0 = torch.softmax(log_first, dim=0).repeat(2)
    return ((deviation.square() @ W_0).mean() + TINY).sqrt()
