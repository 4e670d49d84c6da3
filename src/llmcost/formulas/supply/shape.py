"""What an architecture weighs, keeps and computes: parameters, context memory and operations per token."""

from __future__ import annotations

from llmcost.engine.arithmetic import require
from llmcost.formulas.supply.vocabulary import (
    BITS_16,
    BITS_PER_BYTE,
    FLOP_PER_WEIGHT,
    KEY_AND_VALUE,
    LATENT,
    formula,
)

ERDIL = "Erdil, Inference economics of language models, Epoch AI, 2025"
SCALING_BOOK = "Austin et al., How to scale your model, chapter on inference, 2025"
DEEPSEEK = "DeepSeek-V3 Technical Report, arXiv 2412.19437"


@formula("model.active_parameters", note="a dense model: a token uses all parameters", stand_in="rule")
def dense_active_parameters(model_parameters):
    """Parameters that a token uses, embeddings included; absent: all."""
    return model_parameters


@formula("model.num_experts_per_tok", stand_in="rule")
def no_experts_per_token():
    """Routed experts that a token goes through; absent: a dense model."""
    return 0.0


@formula("model.expert_share", unit="share", reference=ERDIL)
def expert_share(model_num_experts, model_num_experts_per_tok):
    """Share of the routed experts of a layer that one token goes through, with uniform routing."""
    require(model_num_experts_per_tok <= model_num_experts, "too_many_experts")
    return model_num_experts_per_tok / model_num_experts


@formula("model.expert_share", stand_in="rule")
def no_expert_share():
    """A dense model has no routed experts."""
    return 0.0


@formula("model.moe_layers", if_given=("model.num_experts",), stand_in="rule")
def all_layers_have_experts(model_num_hidden_layers):
    """Layers with experts; absent: all, if there are experts."""
    return model_num_hidden_layers


@formula("model.moe_layers", stand_in="rule")
def no_layer_has_experts():
    """No layer has experts in a dense model."""
    return 0.0


@formula("model.full_attention_layers", stand_in="rule")
def full_attention_everywhere(model_num_hidden_layers):
    """Layers that attend to the whole context; absent: all of them."""
    return model_num_hidden_layers


@formula("model.expert_parameters", unit="–", reference=ERDIL)
def expert_parameters(
    model_parameters, model_active_parameters, model_num_experts, model_num_experts_per_tok
):
    """Parameters of one expert, in all layers together; all inactive parameters belong to idle experts."""
    return (model_parameters - model_active_parameters) / (model_num_experts - model_num_experts_per_tok)


@formula("model.dense_parameters", unit="–", reference=ERDIL)
def dense_parameters(model_active_parameters, model_num_experts_per_tok, model_expert_parameters):
    """Parameters that every token uses: attention, shared experts, embeddings."""
    return model_active_parameters - model_num_experts_per_tok * model_expert_parameters


@formula("model.dense_parameters")
def dense_parameters_without_experts(model_active_parameters):
    """Parameters that every token uses; all, where there are no experts."""
    return model_active_parameters


@formula("model.routed_parameters", unit="–")
def routed_parameters(model_num_experts, model_expert_parameters):
    """Parameters of all routed experts."""
    return model_num_experts * model_expert_parameters


@formula("model.routed_parameters", stand_in="rule")
def no_routed_parameters():
    """A dense model has no routed experts."""
    return 0.0


@formula("model.multiplied_parameters", unit="–")
def multiplied_parameters(model_dense_parameters, model_vocab_size, model_hidden_size):
    """Parameters that every token is multiplied with; the input embedding is only looked up."""
    return model_dense_parameters - model_vocab_size * model_hidden_size


@formula("model.routed_parameters_per_token", unit="–")
def routed_parameters_per_token(model_num_experts_per_tok, model_expert_parameters):
    """Parameters of the experts that one token goes through."""
    return model_num_experts_per_tok * model_expert_parameters


@formula("model.routed_parameters_per_token", stand_in="rule")
def no_routed_parameters_per_token():
    """A dense model has no routed experts."""
    return 0.0


@formula("deployment.expert_weight_bits", stand_in="rule")
def expert_weight_bits(deployment_weight_bits):
    """Bits of a weight of a routed expert; absent: those of all other weights."""
    return deployment_weight_bits


@formula("deployment.kv_bits", stand_in="rule")
def kv_bits():
    """Bits of a key or value; absent: 16, which no server has less of unless told so."""
    return BITS_16


@formula("model.weight_bytes", unit="byte")
def weight_bytes(
    model_dense_parameters, model_routed_parameters, deployment_weight_bits, deployment_expert_weight_bits
):
    """Memory of all weights."""
    return (
        model_dense_parameters * deployment_weight_bits
        + model_routed_parameters * deployment_expert_weight_bits
    ) / BITS_PER_BYTE


@formula("model.kv_bytes_per_token", unit="byte/tok", reference=DEEPSEEK)
def latent_bytes(model_kv_lora_rank, model_qk_rope_head_dim, model_num_hidden_layers, deployment_kv_bits):
    """Memory of one token of context; with MLA, the latent and its positions in every layer."""
    return (
        LATENT
        * model_num_hidden_layers
        * (model_kv_lora_rank + model_qk_rope_head_dim)
        * deployment_kv_bits
        / BITS_PER_BYTE
    )


def _kept(layers, heads, width, bits):
    """Return the memory that keys and values of one token take in some layers."""
    return KEY_AND_VALUE * layers * heads * width * bits / BITS_PER_BYTE


@formula("model.kv_bytes_per_token", reference=SCALING_BOOK)
def key_value_bytes(
    model_num_key_value_heads, model_head_dim, model_full_attention_layers, deployment_kv_bits
):
    """Memory of one token of context: a key and a value for each head of the full-attention layers."""
    return _kept(model_full_attention_layers, model_num_key_value_heads, model_head_dim, deployment_kv_bits)


@formula("model.window_kv_bytes_per_token", unit="byte/tok", if_given=("model.sliding_window",))
def window_key_value_bytes(
    model_num_key_value_heads,
    model_head_dim,
    model_num_hidden_layers,
    model_full_attention_layers,
    deployment_kv_bits,
):
    """Memory of one token of context in the layers with a window."""
    windowed = model_num_hidden_layers - model_full_attention_layers
    return _kept(windowed, model_num_key_value_heads, model_head_dim, deployment_kv_bits)


@formula("model.window_kv_bytes_per_token", stand_in="rule")
def no_window():
    """No layer keeps a window of its own."""
    return 0.0


@formula("model.flops_per_token", unit="FLOP/tok", reference=SCALING_BOOK)
def flops_per_token(model_multiplied_parameters, model_routed_parameters_per_token):
    """Operations of a token in products of weights; a multiplication and an addition each."""
    return FLOP_PER_WEIGHT * (model_multiplied_parameters + model_routed_parameters_per_token)
