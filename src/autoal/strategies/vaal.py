"""Variational adversarial active learning: what looks least like anything labelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from autoal.random import torch_generator, torch_seed
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import shuffled
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_not_negative, require_positive, require_whole
from autoal.strategies.standard import Standard

LARGE = 20.0  # log variance of a latent dimension at most, so that it cannot overflow


@dataclass(frozen=True)
class Vaal(Strategy):
    """Minus the logit of the discriminator's belief that a sample is labelled, judged by its place in a latent space.

    The space is that of a variational autoencoder, which learns to rebuild labelled and unlabelled samples and to hide
    from the discriminator which is which. The paper's autoencoder works on images and for many epochs; here it has one
    hidden layer and works on the embedding, brought to unit scale, for a number of steps that does not depend on the
    size of the pool. Without labels all scores are 0.

    Args:
        latent: dimensions of the latent space.
        hidden: units of each of the three networks' hidden layers.
        steps: of training, one of the autoencoder and one of the discriminator each.
        batch: labelled rows, and unlabelled rows, in each step, drawn with replacement.
        beta: weight of the divergence from the prior.
        adversary: weight of hiding.
        lr: of Adam, for both.

    Source: Sinha, Ebrahimi and Darrell, ICCV 2019.
    """

    name = "vaal"
    reference = "Sinha et al. 2019"
    needs = frozenset({"embedding"})

    latent: int = 16
    hidden: int = 64
    steps: int = 200
    batch: int = 128
    beta: float = 1.0
    adversary: float = 1.0
    lr: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "latent", "hidden", "steps", "batch")
        require_not_negative(self, "beta", "adversary")
        require_positive(self, "lr")

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """-logit D(mu(x)) (n,)."""
        if len(snapshot.labels) == 0:
            return torch.zeros(len(snapshot))
        standard = Standard.of(snapshot, rng)
        encoder, discriminator = self._trained(snapshot, standard, rng)
        with torch.no_grad():
            return by_chunks(
                lambda h: -discriminator(encoder(standard(h))[:, : self.latent]).squeeze(1), snapshot.embedding
            )

    def _trained(self, snapshot: Snapshot, standard: Standard, rng: np.random.Generator) -> tuple[nn.Module, nn.Module]:
        """The encoder to means and log variances (n, 2 latent), and the discriminator of means."""
        labelled, order = standard(snapshot.labelled_embedding), shuffled(snapshot, rng)
        n_features = labelled.shape[1]
        with torch_seed(rng):
            encoder, decoder = self._net(n_features, 2 * self.latent), self._net(self.latent, n_features)
            discriminator = self._net(self.latent, 1)
        vae = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=self.lr, fused=True)
        critic = torch.optim.Adam(discriminator.parameters(), lr=self.lr, fused=True)
        g = torch_generator(rng)
        is_labelled = torch.arange(2 * self.batch) < self.batch
        for _ in range(self.steps):
            known = labelled[torch.randint(len(labelled), (self.batch,), generator=g)]
            rows = order[torch.randint(len(order), (self.batch,), generator=g)]
            x = torch.cat([known, standard(snapshot.embedding[rows])])
            mu, log_var = encoder(x).split(self.latent, dim=1)
            log_var = log_var.clamp(-LARGE, LARGE)
            z = mu + (0.5 * log_var).exp() * torch.randn(mu.shape, generator=g)
            hiding = binary_cross_entropy_with_logits(discriminator(mu).squeeze(1), torch.ones(len(x)))
            vae.zero_grad()
            (negative_elbo(x, decoder(z), mu, log_var, self.beta) + self.adversary * hiding).backward()
            vae.step()
            critic.zero_grad()  # also of what hiding left there
            logits = discriminator(mu.detach()).squeeze(1)
            binary_cross_entropy_with_logits(logits, is_labelled.float()).backward()
            critic.step()
        return encoder, discriminator

    def _net(self, n_in: int, n_out: int) -> nn.Module:
        return nn.Sequential(nn.Linear(n_in, self.hidden), nn.ReLU(), nn.Linear(self.hidden, n_out))


def negative_elbo(x: Tensor, rebuilt: Tensor, mu: Tensor, log_var: Tensor, beta: float) -> Tensor:
    """mean over rows of |x - rebuilt|^2 / 2 + beta KL(N(mu, e^log_var) || N(0, I)); both terms summed over dimensions.

    This is the bound for a Gaussian of variance 1 around what is rebuilt, up to a constant.
    """
    divergence = 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(dim=1)
    return (0.5 * (x - rebuilt).square().sum(dim=1) + beta * divergence).mean()
