"""Operations of attention for one token, in decode and in prefill."""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import least
from llmcost.formulas.supply.shape import DEEPSEEK, SCALING_BOOK
from llmcost.formulas.supply.vocabulary import FLOP_PER_HEAD_WIDTH, FLOP_PER_PRODUCT, formula

DECODE: Final = "decode.attention_flops_per_token"
PREFILL: Final = "prefill.attention_flops_per_token"
HEADS: Final = ("model.num_attention_heads", "model.head_dim")
WINDOW: Final = ("model.num_hidden_layers", "model.sliding_window")
"""All layers, and the window that layers without full attention see."""


def _latent(heads, widths, layers, context):
    """Return the operations of attention with MLA, given the total width of a head."""
    return FLOP_PER_PRODUCT * heads * widths * layers * context


@formula("decode.attention_flops_per_token", unit="FLOP/tok", worse="up", reference=DEEPSEEK)
def latent_flops_of_decode(
    model_kv_lora_rank,
    model_qk_rope_head_dim,
    model_num_attention_heads,
    model_num_hidden_layers,
    decode_attended_tokens,
):
    """Operations of attention for an output token; MLA in its latent space."""
    widths = 2 * model_kv_lora_rank + model_qk_rope_head_dim
    return _latent(model_num_attention_heads, widths, model_num_hidden_layers, decode_attended_tokens)


@formula("prefill.attention_flops_per_token", unit="FLOP/tok", worse="up", reference=DEEPSEEK)
def latent_flops_of_prefill(
    model_num_attention_heads,
    model_qk_nope_head_dim,
    model_qk_rope_head_dim,
    model_v_head_dim,
    model_num_hidden_layers,
    prefill_context_tokens,
):
    """Operations of attention for an input token; MLA in its uncompressed form."""
    widths = model_qk_nope_head_dim + model_qk_rope_head_dim + model_v_head_dim
    return _latent(model_num_attention_heads, widths, model_num_hidden_layers, prefill_context_tokens)


def _seen(context: str) -> tuple[str, ...]:
    return (*HEADS, "model.full_attention_layers", context, *WINDOW)


@formula(
    DECODE,
    unit="FLOP/tok",
    inputs=_seen("decode.attended_tokens"),
    optional=WINDOW[1:],
    about="Operations of attention for an output token; some layers may look back on a window alone.",
    reference=SCALING_BOOK,
)
@formula(
    PREFILL,
    unit="FLOP/tok",
    inputs=_seen("prefill.context_tokens"),
    optional=WINDOW[1:],
    about="Operations of attention for an input token; some layers may look back on a window alone.",
    reference=SCALING_BOOK,
)
def flops(heads, width, full, context, layers, window):
    """Return the operations if layers see the whole context, or only a window of it."""
    seen = full * context
    if window is not None:
        seen += (layers - full) * least(context, window)
    return FLOP_PER_HEAD_WIDTH * heads * width * seen
