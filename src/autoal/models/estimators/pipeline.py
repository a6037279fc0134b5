"""Opens a fitted pipeline: the steps that transform, and the classifier behind them."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline


def opened(fitted: Any) -> tuple[list[Any], Any]:
    """The transformers of a fitted estimator, in order, and its classifier; pipelines in its last step are opened too.

    Steps that only change what is fitted are left out, as `Pipeline` and imbalanced-learn do when they predict.
    """
    transformers: list[Any] = []
    while isinstance(fitted, Pipeline):
        transformers += [step for _, step in fitted.steps[:-1] if not _is_skipped(step)]
        fitted = fitted.steps[-1][1]
    return transformers, fitted


def _is_skipped(step: Any) -> bool:
    return step is None or isinstance(step, str) or hasattr(step, "fit_resample")
