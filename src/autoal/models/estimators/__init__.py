"""Parts of `SklearnModel`: each deals with one thing that estimators do differently."""
