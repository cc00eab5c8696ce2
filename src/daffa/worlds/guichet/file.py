"""Guichet as a GGUF file, and back. Knows the format by the package ``gguf``; no training."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from .llama import EPSILON, ROPE_BASE, Shape, Weights
from .vocabulary import BEGIN, BYTES, END, MARKS, TEMPLATE, UNKNOWN, Vocabulary

__all__ = ["read", "write"]

_KIND = gguf.GGMLQuantizationType.F16


def write(path: Path, shape: Shape, weights: Weights, vocabulary: Vocabulary) -> None:
    """Write a model: matrices in 16 bits, gains in 32."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Guichet")
    writer.add_description("A tiny model for tests: it knows thirteen answers.")
    writer.add_license("apache-2.0")
    writer.add_languages(["fr", "ar", "en"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    _add_tokens(writer, vocabulary)
    for name, weight in weights.items():
        writer.add_tensor(name + ".weight", weight.astype(np.float16) if weight.ndim == 2 else weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokens(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    kinds = gguf.TokenType
    rest = len(vocabulary.pieces) - len(MARKS) - 256
    writer.add_tokenizer_model("llama")
    writer.add_token_list(vocabulary.pieces)
    writer.add_token_scores([0.0] * len(vocabulary.pieces))
    writer.add_token_types([kinds.UNKNOWN] + [kinds.CONTROL] * (len(MARKS) - 1) + [kinds.BYTE] * 256 + [kinds.NORMAL] * rest)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)


def read(path: Path) -> tuple[Shape, Weights, Vocabulary]:
    """The model of a file that ``write`` wrote, its matrices as rounded there."""
    reader = gguf.GGUFReader(path)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    pieces = list(fields["tokenizer.ggml.tokens"])
    shape = Shape(
        vocabulary=len(pieces),
        width=int(fields["llama.embedding_length"]),
        layers=int(fields["llama.block_count"]),
        heads=int(fields["llama.attention.head_count"]),
        hidden=int(fields["llama.feed_forward_length"]),
        context=int(fields["llama.context_length"]),
    )
    weights = {tensor.name.removesuffix(".weight"): np.array(tensor.data, np.float32) for tensor in reader.tensors}
    return shape, weights, Vocabulary(pieces[BYTES + 256 :])
