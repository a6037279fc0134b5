"""The members of a forest or a bag, each of which is one stochastic pass."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier

from autoal.arrays import IntArray

# Their members are trained alike and independently, so each is one pass; those of boosting, stacking or one-vs-rest are
# not classifiers of the same problem.
ENSEMBLES = (RandomForestClassifier, ExtraTreesClassifier, BaggingClassifier)


class Member(NamedTuple):
    """A member, the columns of the features that it reads, and the class (K,) of each column that it returns."""

    estimator: Any
    columns: Any
    classes: IntArray


def members(classifier: Any, classes: IntArray) -> list[Member]:
    """The members of a fitted ensemble whose columns have these classes; none, if it is no ensemble of this kind."""
    if not isinstance(classifier, ENSEMBLES):
        return []
    fitted = classifier.estimators_
    if not all(hasattr(member, "predict_proba") for member in fitted):
        return []
    columns = getattr(classifier, "estimators_features_", [slice(None)] * len(fitted))
    # the members know the classes by their positions in the ensemble's own list
    known = [classes[np.asarray(member.classes_, dtype=int)] for member in fitted]
    return [Member(*each) for each in zip(fitted, columns, known, strict=True)]
