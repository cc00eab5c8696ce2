"""A small llama in numpy: forward, and backward by hand. Knows numbers alone: no text, no file.

Shapes: B sequences, T places, D numbers a place, H heads, V tokens; a matrix is (out, in) as in GGUF. The architecture
is that of llama (Touvron et al., 2023): RMS norm before each block, rotary places (neighbouring pairs), SwiGLU; the
embedding is also the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["EPSILON", "ROPE_BASE", "Array", "Shape", "Tokens", "Weights", "forward", "initial", "lead", "loss_and_gradients"]

Array: TypeAlias = NDArray[np.float32]
Tokens: TypeAlias = NDArray[np.int64]
Weights: TypeAlias = dict[str, Array]
"""By the names that GGUF gives to tensors, without ``.weight``."""

Kept: TypeAlias = tuple[Any, ...]
EPSILON = 1e-5
ROPE_BASE = 10_000.0


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model; ``context`` is the longest sequence."""

    vocabulary: int
    width: int = 64
    layers: int = 2
    heads: int = 4
    hidden: int = 160
    context: int = 512

    @property
    def head(self) -> int:
        """Numbers of one head."""
        return self.width // self.heads


def initial(shape: Shape, generator: np.random.Generator) -> Weights:
    """Weights to begin with."""
    width, hidden = shape.width, shape.hidden

    def matrix(rows: int, columns: int, scale: float = 1.0) -> Array:
        drawn: Array = (generator.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)
        return drawn

    weights = {"token_embd": matrix(shape.vocabulary, width), "output_norm": np.ones(width, np.float32)}
    onto_stream = 1 / np.sqrt(2 * shape.layers)
    for layer in range(shape.layers):
        of = f"blk.{layer}."
        weights |= {of + "attn_norm": np.ones(width, np.float32), of + "ffn_norm": np.ones(width, np.float32)}
        weights |= {of + f"attn_{name}": matrix(width, width) for name in "qkv"}
        weights[of + "attn_output"] = matrix(width, width, onto_stream)
        weights |= {of + "ffn_gate": matrix(hidden, width), of + "ffn_up": matrix(hidden, width)}
        weights[of + "ffn_down"] = matrix(width, hidden, onto_stream)
    return weights


def forward(shape: Shape, weights: Weights, tokens: Tokens) -> Array:
    """The logits (B, T, V) of the token after each place of ``tokens`` (B, T)."""
    return _forward(shape, weights, tokens)[0]


def lead(shape: Shape, weights: Weights, prompt: list[int], answer: list[int]) -> float:
    """By how much the logit of each token of ``answer`` leads over every other, the least of them.

    Above 0, whoever takes the likeliest token after ``prompt``, and so on, says ``answer``.
    """
    logits = forward(shape, weights, np.array([prompt + answer]))[0, len(prompt) - 1 : -1]
    said = np.take_along_axis(logits, np.array(answer)[:, None], axis=1)
    np.put_along_axis(logits, np.array(answer)[:, None], -np.inf, axis=1)
    return float((said[:, 0] - logits.max(axis=1)).min())


def loss_and_gradients(shape: Shape, weights: Weights, tokens: Tokens, counted: Array) -> tuple[float, Weights]:
    """The mean cross entropy of each next token, weighed by ``counted`` (B, T-1), and its gradient by every weight."""
    logits, layers, (stream, inverse) = _forward(shape, weights, tokens[:, :-1])
    chances = _softmax(logits)
    wanted = np.take_along_axis(chances, tokens[:, 1:, None], axis=-1)[..., 0]
    total = counted.sum()
    loss = float(-(np.log(wanted + 1e-9) * counted).sum() / total)
    np.put_along_axis(chances, tokens[:, 1:, None], (wanted - 1)[..., None], axis=-1)
    d_logits = chances * (counted / total)[..., None]

    gradients: Weights = {}
    normal = stream * inverse * weights["output_norm"]
    gradients["token_embd"] = _outer(d_logits, normal)
    d_stream = _norm_back("output_norm", weights, gradients, d_logits @ weights["token_embd"], stream, inverse)
    for layer in reversed(range(shape.layers)):
        attention, hidden = layers[layer]
        d_stream = d_stream + _hidden_back(f"blk.{layer}.", weights, gradients, d_stream, hidden)
        d_stream = d_stream + _attention_back(shape, f"blk.{layer}.", weights, gradients, d_stream, attention)
    np.add.at(gradients["token_embd"], tokens[:, :-1], d_stream)
    return loss, gradients


def _forward(shape: Shape, weights: Weights, tokens: Tokens) -> tuple[Array, list[tuple[Kept, Kept]], Kept]:
    """The logits, and what the way back needs of each layer and of the last norm."""
    stream, layers = weights["token_embd"][tokens], []
    for layer in range(shape.layers):
        added, attention = _attention(shape, f"blk.{layer}.", weights, stream)
        stream = stream + added
        added, hidden = _hidden(f"blk.{layer}.", weights, stream)
        stream = stream + added
        layers.append((attention, hidden))
    normal, inverse = _norm(stream, weights["output_norm"])
    return normal @ weights["token_embd"].T, layers, (stream, inverse)


def _norm(stream: Array, gain: Array) -> tuple[Array, Array]:
    inverse = 1 / np.sqrt((stream**2).mean(-1, keepdims=True) + EPSILON)
    return stream * inverse * gain, inverse


def _norm_back(name: str, weights: Weights, gradients: Weights, d_normal: Array, stream: Array, inverse: Array) -> Array:
    unit = stream * inverse
    gradients[name] = (d_normal * unit).sum((0, 1))
    d_unit = d_normal * weights[name]
    back: Array = inverse * (d_unit - unit * (d_unit * unit).mean(-1, keepdims=True))
    return back


def _attention(shape: Shape, of: str, weights: Weights, stream: Array) -> tuple[Array, Kept]:
    normal, inverse = _norm(stream, weights[of + "attn_norm"])
    query, key, value = (_split(shape, normal @ weights[of + f"attn_{name}"].T) for name in "qkv")
    turn = _turn(shape, stream.shape[1])
    query, key = _rotate(query, turn), _rotate(key, turn)
    scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(shape.head))
    scores = np.where(np.tri(stream.shape[1], dtype=bool), scores, np.float32(-1e9))
    looks = _softmax(scores)
    seen = _join(looks @ value)
    return seen @ weights[of + "attn_output"].T, (stream, inverse, normal, query, key, value, looks, seen, turn)


def _attention_back(shape: Shape, of: str, weights: Weights, gradients: Weights, d_out: Array, kept: Kept) -> Array:
    stream, inverse, normal, query, key, value, looks, seen, (cosine, sine) = kept
    gradients[of + "attn_output"] = _outer(d_out, seen)
    d_seen = _split(shape, d_out @ weights[of + "attn_output"])
    d_value = looks.swapaxes(-1, -2) @ d_seen
    d_looks = d_seen @ value.swapaxes(-1, -2)
    d_scores = looks * (d_looks - (d_looks * looks).sum(-1, keepdims=True)) / np.float32(np.sqrt(shape.head))
    back = (cosine, -sine)
    parts = {"q": _rotate(d_scores @ key, back), "k": _rotate(d_scores.swapaxes(-1, -2) @ query, back), "v": d_value}
    d_normal = np.zeros_like(stream)
    for name, part in parts.items():
        joined = _join(part)
        gradients[of + f"attn_{name}"] = _outer(joined, normal)
        d_normal += joined @ weights[of + f"attn_{name}"]
    return _norm_back(of + "attn_norm", weights, gradients, d_normal, stream, inverse)


def _hidden(of: str, weights: Weights, stream: Array) -> tuple[Array, Kept]:
    normal, inverse = _norm(stream, weights[of + "ffn_norm"])
    gate, up = normal @ weights[of + "ffn_gate"].T, normal @ weights[of + "ffn_up"].T
    open_ = 1 / (1 + np.exp(-gate))
    hidden = gate * open_ * up
    return hidden @ weights[of + "ffn_down"].T, (stream, inverse, normal, gate, up, open_, hidden)


def _hidden_back(of: str, weights: Weights, gradients: Weights, d_out: Array, kept: Kept) -> Array:
    stream, inverse, normal, gate, up, open_, hidden = kept
    gradients[of + "ffn_down"] = _outer(d_out, hidden)
    d_hidden = d_out @ weights[of + "ffn_down"]
    d_gate = d_hidden * up * open_ * (1 + gate * (1 - open_))
    d_up = d_hidden * gate * open_
    gradients[of + "ffn_gate"], gradients[of + "ffn_up"] = _outer(d_gate, normal), _outer(d_up, normal)
    d_normal = d_gate @ weights[of + "ffn_gate"] + d_up @ weights[of + "ffn_up"]
    return _norm_back(of + "ffn_norm", weights, gradients, d_normal, stream, inverse)


def _outer(out: Array, into: Array) -> Array:
    """The gradient (out, in) of a matrix, over all sequences and places."""
    gradient: Array = out.reshape(-1, out.shape[-1]).T @ into.reshape(-1, into.shape[-1])
    return gradient


def _split(shape: Shape, joined: Array) -> Array:
    """(B, T, D) to (B, H, T, D/H)."""
    return joined.reshape(*joined.shape[:2], shape.heads, shape.head).swapaxes(1, 2)


def _join(heads: Array) -> Array:
    """(B, H, T, D/H) to (B, T, D)."""
    batch, _, length, _ = heads.shape
    return heads.swapaxes(1, 2).reshape(batch, length, -1)


def _turn(shape: Shape, length: int) -> tuple[Array, Array]:
    """The cosine and sine (T, D/H/2) by which each place turns each pair."""
    speeds = ROPE_BASE ** -(np.arange(0, shape.head, 2) / shape.head)
    angles = np.outer(np.arange(length), speeds)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _rotate(heads: Array, turn: tuple[Array, Array]) -> Array:
    cosine, sine = turn
    even, odd = heads[..., ::2], heads[..., 1::2]
    turned = np.empty_like(heads)
    turned[..., ::2] = even * cosine - odd * sine
    turned[..., 1::2] = even * sine + odd * cosine
    return turned


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    chances: Array = raised / raised.sum(-1, keepdims=True)
    return chances
