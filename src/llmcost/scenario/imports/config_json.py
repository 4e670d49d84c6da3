"""The `config.json` of a model on Hugging Face: its shape, from which the parameters are counted.

Reference: https://huggingface.co/docs/transformers/main_classes/configuration and the configuration classes
of Llama, Mixtral, Qwen2/3 (MoE), DeepSeek-V2/V3, Kimi-K2, GLM-4.5, gpt-oss, Gemma 3, Llama 4 and MiniMax in
transformers 4.57. No file says how many parameters a model has: they are counted from the shape, embeddings,
norms and biases included; layers that only guess ahead (MTP) and vision towers are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from llmcost.errors import LlmcostError, Problem
from llmcost.records import NamedTuple
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.draft import Asked, Draft, Stated
from llmcost.scenario.imports.format import Format

COUNTED: Final = (
    *("llama", "mistral", "mixtral", "ministral", "qwen2", "qwen3", "deepseek", "kimi", "glm4", "gpt_oss"),
    *("gemma", "phi", "minimax", "cohere", "olmo", "starcoder2", "gpt_neox", "nemotron", "granite", "smollm"),
)
"""Prefixes of the model types whose layers are known; others are counted like Llama, with a note."""
TIED: Final = ("gemma", "gemma2", "gemma3", "gemma3_text", "cohere", "cohere2", "starcoder2")
"""Model types whose output matrix is the embedding unless their file says otherwise."""
UNGATED: Final = ("phi", "starcoder2", "gpt_neox", "nemotron")
"""Model types with two matrices in a block, not three, and norms with a bias as well as a weight."""
BIASED: Final = ("phi", "gpt_neox")
"""Model types with a bias on every linear layer."""
FULL_EVERY: Final = {"gemma3": 6, "gemma3_text": 6, "gemma2": 2, "gpt_oss": 2}
"""By model type with a sliding window: the default interval between layers of full attention."""
_GEMMA_3: Final = {"vocab_size": 262208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256}
UNSTATED: Final[dict[str, dict[str, int]]] = {"gemma3": _GEMMA_3, "gemma3_text": _GEMMA_3}
"""Defaults of transformers that the published files of these types rely on."""
LINEAR: Final = ("linear_attention", "mamba", "ssm", "recurrent", "hybrid")
"""Kinds of layers whose parameters are not counted here."""
EXPERTS: Final = ("n_routed_experts", "num_local_experts", "num_experts")
PER_TOKEN: Final = ("num_experts_per_tok", "num_experts_per_token", "experts_per_token")
WIDTHS: Final = {"float32": 32.0, "bfloat16": 16.0, "float16": 16.0, "float8_e4m3fn": 8.0}
MXFP4_BITS: Final = 4.25


class Layers(NamedTuple):
    """Numbers of layers: all, those with experts, those with full attention."""

    all: int
    with_experts: int
    full: int


class Count(NamedTuple):
    """Parameters: all, those that a token uses, and whether the embedding is also the output matrix."""

    all: float
    active: float
    tied: bool


def detect(content: Content) -> bool:
    """Whether a file is such a configuration, by its keys."""
    record = _of_text(content.first)
    found = [record.get(key) is not None for key in ("num_hidden_layers", "hidden_size", "vocab_size")]
    return all(found) or (any(found) and record.text("model_type") is not None)


def read(contents: Sequence[Content], _asked: Asked) -> Draft:
    """Return the architecture that a file describes.

    Raises:
        LlmcostError: for several files, for missing or invalid numbers, and for unknown layers.
    """
    if len(contents) > 1:
        raise LlmcostError(Problem("is one model; import each file on its own", contents[1].where))
    content = contents[0]
    record = _of_text(content.first)
    for key in ("num_attention_heads", "hidden_size", "vocab_size"):
        record.needed(key, least=1)
    layers = _layers(record)
    content.faults.tell()
    count = _counted(record, layers)
    content.faults.tell()
    stated = [
        Stated(name, f"{value:.15g}", content.file, note=note, basis="disclosed")
        for name, value, note in (*_parameters(count, layers), *_shape(record, layers, count.tied))
    ]
    return Draft(_title(content), "architecture", list(_notes(content, record, count)), stated)


def _of_text(record: Record) -> Record:
    """Return the part that describes the language model, with its defaults filled in."""
    part = next((record.below("text_config")), record)
    kind = part.text("model_type") or record.text("model_type")
    return part._replace(values={**_unsaid(part, kind), **part.values, "model_type": kind})


def _unsaid(part: Record, kind: str | None) -> dict[str, int]:
    return {key: value for key, value in UNSTATED.get(kind or "", {}).items() if key not in part.values}


def _title(content: Content) -> str:
    record = content.first
    said = record.text("_name_or_path") or _of_text(record).text("_name_or_path")
    folder = PurePath(content.where).parent.name
    kind = record.text("model_type") or "model"
    named = (said or "").rstrip("/").rpartition("/")[2]
    return named or folder or kind


def _layers(record: Record) -> Layers:
    count = int(record.needed("num_hidden_layers", least=1))
    kinds = record.get("layer_types")
    kinds = [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    unknown = next((kind for kind in kinds if kind.startswith(LINEAR)), None)
    if unknown is not None or record.get("linear_num_key_heads", "mamba_d_state", "ssm_cfg") is not None:
        what = unknown or "linear attention"
        record.refuse(
            f"has layers of {what}, whose parameters are not counted here; write the architecture by hand"
        )
    return Layers(count, _with_experts(record, count), _full(record, count, kinds))


def _with_experts(record: Record, layers: int) -> int:
    if record.number(*EXPERTS) in (None, 0, 1):
        return 0
    listed = record.get("moe_layers")
    if isinstance(listed, list):
        return len(listed)
    step = int(
        record.number("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq", least=1) or 1
    )
    first = int(record.number("first_k_dense_replace") or 0)
    without = record.get("mlp_only_layers")
    places = [
        place
        for place in range(first, layers)
        if not (place + 1) % step and place not in (without if isinstance(without, list) else ())
    ]
    return len(places)


def _full(record: Record, layers: int, kinds: Sequence[str]) -> int:
    """Return the number of layers with full attention."""
    if _window(record) is None:
        return layers
    if kinds:
        return sum(kind == "full_attention" for kind in kinds)
    pattern = record.number("sliding_window_pattern", "_sliding_window_pattern", least=1)
    if pattern is None:
        pattern = FULL_EVERY.get(record.text("model_type") or "")
    if pattern is not None:
        return layers // int(pattern)
    first = record.number("max_window_layers")
    if first is not None:
        return min(int(first), layers)
    rotated = record.get("no_rope_layers")
    if isinstance(rotated, list) and rotated:
        return sum(not layer for layer in rotated)
    if record.get("attention_chunk_size") is not None:
        return layers // int(record.number("no_rope_layer_interval", least=1) or 4)
    return 0


def _window(record: Record) -> float | None:
    said = record.get("use_sliding_window")
    if said is False or (said is None and (record.text("model_type") or "").startswith("qwen")):
        return None
    return record.number("sliding_window", "attention_chunk_size", least=1)


def _counted(record: Record, layers: Layers) -> Count:
    width, words = record.needed("hidden_size", least=1), record.needed("vocab_size", least=1)
    said = record.get("tie_word_embeddings")
    tied = bool(said) if said is not None else record.text("model_type") in TIED
    kind = record.text("model_type") or ""
    ungated, biased = kind in UNGATED, kind in BIASED or bool(record.get("use_bias"))
    norm = (2 if ungated else 1) * width
    norms = 4 if kind.startswith(("gemma2", "gemma3")) else 1 if kind in ("phi", "cohere", "cohere2") else 2
    always = (
        words * width * (1 if tied else 2) + norm + layers.all * (_attention(record, width) + norms * norm)
    )
    always += words if kind == "phi" or record.get("lm_head_bias") else 0
    dense = layers.all - layers.with_experts
    if dense:
        inner = record.number("intermediate_size_mlp", least=1) or record.needed("intermediate_size", least=1)
        wide = 1 if ungated else 2
        bias = wide * inner + width if biased or record.get("mlp_bias") else 0
        always += dense * ((wide + 1) * width * inner + bias)
    if not layers.with_experts:
        return Count(always, always, tied)
    experts, used = record.needed(*EXPERTS), record.needed(*PER_TOKEN)
    if used > experts:
        record.refuse(
            f"expected at most {experts:g}, the experts of a layer, got {used:g}", record.name(*PER_TOKEN)
        )
    expert, shared, router = _experts(record, width, experts)
    always += layers.with_experts * (shared + router)
    return Count(
        always + layers.with_experts * experts * expert, always + layers.with_experts * used * expert, tied
    )


def _attention(record: Record, width: float) -> float:
    """Return the parameters of the attention of a layer."""
    heads = record.needed("num_attention_heads", least=1)
    latent = record.number("kv_lora_rank", least=1)
    if latent is not None:
        return _latent_attention(record, width, heads, latent)
    groups = record.number("num_key_value_heads", least=1) or heads
    if heads % groups:
        record.refuse(f"{heads:g} heads cannot share {groups:g} of keys evenly", "num_key_value_heads")
    size = record.number("head_dim", least=1) or width / heads
    kind = record.text("model_type") or ""
    queries, keys = heads * size, groups * size
    count = width * (2 * queries + 2 * keys)
    if record.get("attention_bias") or record.get("qkv_bias") or kind.startswith("qwen2"):
        count += queries + 2 * keys
    if kind in BIASED or record.get("use_bias"):
        count += queries + 2 * keys + width
    if kind == "gpt_oss":
        count += width + heads  # an output bias, and an attention sink for each head
    if kind.startswith(("qwen3", "gemma3")) or record.get("use_qk_norm"):
        count += queries + keys if record.text("qk_norm_type") == "per_layer" else 2 * size
    return count


def _latent_attention(record: Record, width: float, heads: float, latent: float) -> float:
    nope, rope = record.needed("qk_nope_head_dim"), record.needed("qk_rope_head_dim")
    value = record.needed("v_head_dim")
    rank = record.number("q_lora_rank", least=1)
    queries = heads * (nope + rope)
    count = width * queries if rank is None else width * rank + rank + rank * queries
    count += width * (latent + rope) + latent + latent * heads * (nope + value) + heads * value * width
    if record.get("index_topk") is not None:  # the indexer, which picks the tokens of sparse attention
        pickers, size = record.needed("index_n_heads"), record.needed("index_head_dim")
        count += (rank or width) * pickers * size + width * size + 2 * size + width * pickers
    return count


def _experts(record: Record, width: float, experts: float) -> tuple[float, float, float]:
    """Return the parameters of one expert, of the shared ones, and of the router of a layer."""
    kind = record.text("model_type") or ""
    inner = record.number("moe_intermediate_size", least=1) or record.needed("intermediate_size", least=1)
    expert = 3 * width * inner
    router = width * experts
    if kind == "gpt_oss":
        expert += 2 * inner + width
        router += experts
    if (
        record.text("topk_method") == "noaux_tc"
        or kind.startswith("glm4_moe")
        or record.get("use_routing_bias")
    ):
        router += experts
    shared = (record.number("n_shared_experts", "num_shared_experts") or 0) * 3 * width * inner
    if kind.startswith("llama4"):
        shared = 3 * width * inner
    own = record.number("shared_expert_intermediate_size")
    if own:
        shared = 3 * width * own + width
    return expert, shared, router


def _parameters(count: Count, layers: Layers) -> Iterator[tuple[str, float, str | None]]:
    tied = "; the output matrix is the embedding" if count.tied else ""
    yield "model.parameters", count.all, f"Counted from the shape, embeddings included{tied}."
    if layers.with_experts:
        yield "model.active_parameters", count.active, "Counted from the shape, embeddings included."


def _shape(record: Record, layers: Layers, tied: bool) -> Iterator[tuple[str, float, str | None]]:
    yield "model.num_hidden_layers", layers.all, None
    yield "model.hidden_size", record.needed("hidden_size"), None
    heads = record.needed("num_attention_heads")
    yield "model.num_attention_heads", heads, None
    if record.get("kv_lora_rank") is not None:
        for key in ("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"):
            yield f"model.{key}", record.needed(key), None
    else:
        groups, size = record.number("num_key_value_heads"), record.number("head_dim")
        yield (
            "model.num_key_value_heads",
            groups or heads,
            None if groups else "As many as heads, as none is stated.",
        )
        told = None if size else "hidden_size / num_attention_heads"
        yield "model.head_dim", size or record.needed("hidden_size") / heads, told
    if layers.with_experts:
        yield "model.num_experts", record.needed(*EXPERTS), None
        yield "model.num_experts_per_tok", record.needed(*PER_TOKEN), None
        yield "model.moe_layers", layers.with_experts, None
    yield "model.vocab_size", record.needed("vocab_size"), None
    if tied:
        yield "model.tie_word_embeddings", 1, None
    window = _window(record)
    if window is not None and layers.full < layers.all:
        yield "model.sliding_window", window, None
        yield "model.full_attention_layers", layers.full, None
    if record.get("index_topk") is not None:
        yield "model.index_topk", record.needed("index_topk"), None
    bits = _bits(record)
    if bits is not None:
        yield "model.native_weight_bits", bits, None


def _bits(record: Record) -> float | None:
    """Return the bits of a published weight; None if the file does not say."""
    for part in (record, record.content.first):
        method = part.text("quantization_config.quant_method")
        if method == "mxfp4":
            return MXFP4_BITS
        if method is not None:
            bits = part.number("quantization_config.bits", "quantization_config.num_bits")
            return bits or (8.0 if "fp8" in method else _compressed(part))
    named = record.text("torch_dtype", "dtype") or record.content.first.text("torch_dtype", "dtype")
    return WIDTHS.get((named or "").rpartition(".")[2])


def _compressed(record: Record) -> float | None:
    """Return the bits of the weights of compressed tensors."""
    groups = record.get("quantization_config.config_groups")
    for group in groups.values() if isinstance(groups, dict) else ():
        weights = group.get("weights") if isinstance(group, dict) else None
        bits = weights.get("num_bits") if isinstance(weights, dict) else None
        if isinstance(bits, (int, float)):
            return float(bits)
    return None


def _notes(content: Content, record: Record, count: Count) -> Iterator[str]:
    yield f"Read from {content.file}; how many parameters there are follows from the shape, and is not in it."
    if content.first.get("vision_config") is not None:
        yield "The parameters of its vision tower are not counted."
    if record.number("num_nextn_predict_layers", "num_mtp_modules"):
        yield "Its layers that predict ahead (MTP) are not counted."
    kind = record.text("model_type")
    if kind is not None and not kind.startswith(COUNTED):
        yield f"Layers of the type {kind} are not known here: they are counted as those of Llama."
    part = next(content.first.below("text_config"), content.first)
    if unsaid := _unsaid(part, kind):
        told = ", ".join(f"{key} {value}" for key, value in unsaid.items())
        yield f"Not in the file, so set as transformers does for the type {kind}: {told}."
    if record.get("tie_word_embeddings") is None and count.tied:
        yield "The output matrix is taken to be the embedding, as usual for its type; the file does not say."


FORMAT = Format("config_json", "the config.json of a model", detect, read)
