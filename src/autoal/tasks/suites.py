"""Suites: the tasks of a benchmark."""

from __future__ import annotations

from collections.abc import Mapping

SUITES: Mapping[str, tuple[str, ...]] = {
    # every code path, in minutes: both kinds of features' arms, pixels, long tails, duplicates and wrong labels
    "smoke": (
        "digits/linear/tiny",
        "digits/mlp/tiny/imbalance=10",
        "digits/cnn/tiny/duplicates=0.2",
        "digits/linear/low/noise=0.1",
    ),
    # images, texts and a table, with few labels and with more, balanced and with a long tail
    "dev": (
        "digits/linear/tiny",
        "digits/linear/low",
        "digits/mlp/tiny",
        "digits/linear/tiny/imbalance=10",
        "fashion-mnist/linear/tiny",
        "fashion-mnist/linear/low",
        "fashion-mnist/mlp/low",
        "fashion-mnist/linear/low/imbalance=50",
        "cifar10/linear/tiny",
        "cifar10/linear/low",
        "cifar10/linear/low/imbalance=50",
        "cifar10/cnn/low",
        "trec/linear/tiny",
        "trec/linear/low",
        "trec/mlp/low",
        "letter/linear/tiny",
        "letter/linear/low",
        "letter/mlp/low",
    ),
    # the data sets of Wang, Zhan and Huang (ICML 2025), with their backbone
    "paper": tuple(
        f"{name}/resnet18/paper"
        for name in ("cifar10", "cifar100", "svhn", "tiny-imagenet", "organcmnist", "pathmnist", "tissuemnist")
    ),
}
