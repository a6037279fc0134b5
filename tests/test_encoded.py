"""A pool of the vectors that a pretrained network makes of its samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from autoal import OUTSIDE, ActiveLearner, AutoALError, AutoALWarning, Pool


def test_samples_become_vectors_and_stay_who_they_are(tmp_path: Path) -> None:
    for i in range(12):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        Image.new("RGB", (6, 5), (20 * i, 0, 0)).save(tmp_path / "ab"[i % 2] / f"{i:02}.png")
    asked = list[int]()

    def encode(images: torch.Tensor) -> torch.Tensor:
        asked.append(len(images))
        return images.double().mean(dim=(2, 3)).requires_grad_()

    images = Pool.from_folder(tmp_path)
    pool = images.encoded(encode, chunk=5)
    assert asked == [5, 5, 2]
    assert pool.inputs.take(np.arange(12))[:, 0].tolist() == [20.0 * i for i in [*range(0, 12, 2), *range(1, 12, 2)]]
    assert (pool.paths, pool.classes, pool.ids.tolist()) == (images.paths, images.classes, images.ids.tolist())
    assert pool.labels.tolist() == images.labels.tolist()
    assert images.inputs.take(np.arange(1)).shape == (1, 3, 5, 6)
    learner = ActiveLearner(pool, LogisticRegression(), "margin")
    learner.save(tmp_path / "run")  # of the same files, however they are read
    assert ActiveLearner.load(tmp_path / "run", images, LogisticRegression()).labels == learner.labels


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        (lambda x: x, r"a tensor \(4, D\) for 4 samples; got Tensor of shape \(4, 3, 2\)"),
        (lambda x: x[:2, :, 0], r"got Tensor of shape \(2, 3\)"),
        (lambda x: x.flatten(1).numpy(), r"got ndarray"),
        (lambda x: x.flatten(1) / 0, "finite features"),
        (lambda x: x @ torch.ones(9), "works for .*got RuntimeError"),
        ("resnet18", "an encoder, a function.*got a str"),
    ],
)
def test_an_encoder_that_returns_something_else_is_refused(
    encoder: Callable[[torch.Tensor], torch.Tensor], message: str
) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool(np.ones((4, 3, 2)), classes=2).encoded(encoder)


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    for i in range(7):
        Image.new("RGB", (4, 4), (20 * i, 0, 0)).save(tmp_path / f"{i}.png")
    for i in (0, 5):
        (tmp_path / f"{i}.png").write_bytes(b"")
    images = Pool.from_folder(tmp_path, classes=["a", "b"])
    with pytest.warns(AutoALWarning, match=r"ids 0, 5 cannot be read, and are left out as autoal\.OUTSIDE"):
        pool = images.encoded(lambda x: x.flatten(1), chunk=3)
    assert pool.labels.tolist() == [OUTSIDE, -1, -1, -1, -1, OUTSIDE, -1]
    assert images.labels.tolist() == [-1] * 7
    learner = ActiveLearner(pool, LogisticRegression(), "margin")
    learner.teach([1, 6], ["a", "b"])
    assert sorted(learner.query(3).tolist()) == [2, 3, 4]
    for i in range(7):
        (tmp_path / f"{i}.png").write_bytes(b"")
    with pytest.raises(AutoALError, match="a sample that can be read"):
        images.encoded(lambda x: x.flatten(1))


def test_vectors_are_of_one_width_and_a_chunk_has_samples() -> None:
    pool, widths = Pool(np.ones((4, 6)), classes=2), iter([3, 4])
    with pytest.raises(AutoALError, match=r"a tensor \(2, 3\) for 2 samples; got Tensor of shape \(2, 4\)"):
        pool.encoded(lambda x: x[:, : next(widths)], chunk=2)
    with pytest.raises(AutoALError, match="chunk of at least 1"):
        pool.encoded(lambda x: x, chunk=0)
