"""Architectures: their parameters, their memory for context, and operations per token."""

from __future__ import annotations

from llmcost.engine.arithmetic import require
from llmcost.formulas.supply.vocabulary import (
    BITS_16,
    BITS_PER_BYTE,
    FLOP_PER_WEIGHT,
    KEY_AND_VALUE,
    LATENT,
    MODEL,
    formula,
)
from llmcost.formulas.vocabulary import SAME

ERDIL = "Erdil, Inference economics of language models, Epoch AI, 2025"
SCALING_BOOK = "Austin et al., How to scale your model, chapter on inference, 2025"
DEEPSEEK = "DeepSeek-V3 Technical Report, arXiv 2412.19437"
EXPERTS = ("model.num_experts", "model.num_experts_per_tok")
"""What a dense model has none of: if one of them is stated, the other must be too."""


@formula("model.active_parameters", note="a dense model: a token uses all parameters", stand_in="rule")
def dense_active_parameters(model_parameters):
    """Parameters that a token uses, embeddings included; absent: all."""
    return model_parameters


@formula("model.expert_share", unit="share", reference=ERDIL)
def expert_share(model_num_experts, model_num_experts_per_tok):
    """Share of the routed experts of a layer that one token goes through, with uniform routing."""
    require(model_num_experts_per_tok <= model_num_experts, "too_many_experts")
    return model_num_experts_per_tok / model_num_experts


@formula("model.expert_parameters", unit="–", reference=ERDIL)
def expert_parameters(
    model_parameters, model_active_parameters, model_num_experts, model_num_experts_per_tok
):
    """Parameters of one expert, in all layers together; all inactive parameters belong to idle experts."""
    require(model_active_parameters <= model_parameters, "too_few_parameters")
    return (model_parameters - model_active_parameters) / (model_num_experts - model_num_experts_per_tok)


@formula("model.dense_parameters", unit="–", reference=ERDIL)
def dense_parameters(model_parameters, model_routed_parameters):
    """Parameters that every token uses, all but those of routed experts."""
    require(model_routed_parameters <= model_parameters, "too_few_parameters")
    return model_parameters - model_routed_parameters


@formula("model.routed_parameters", unit="–")
def routed_parameters(model_num_experts, model_expert_parameters):
    """Parameters of all routed experts."""
    return model_num_experts * model_expert_parameters


@formula("model.multiplied_parameters", unit="–")
def multiplied_parameters(
    model_dense_parameters, model_vocab_size, model_hidden_size, model_tie_word_embeddings
):
    """Parameters that every token is multiplied with; an embedding of input alone is only looked up."""
    looked_up = (1 - model_tie_word_embeddings) * model_vocab_size * model_hidden_size
    require(looked_up <= model_dense_parameters, "too_few_parameters")
    return model_dense_parameters - looked_up


@formula("model.routed_parameters_per_token", unit="–")
def routed_parameters_per_token(model_num_experts_per_tok, model_expert_parameters):
    """Parameters of the experts that one token goes through."""
    return model_num_experts_per_tok * model_expert_parameters


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
    """Return the memory for the keys and values of one token in some layers."""
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


@formula("model.flops_per_token", unit="FLOP/tok", reference=SCALING_BOOK)
def flops_per_token(model_multiplied_parameters, model_routed_parameters_per_token):
    """Operations of a token in products of weights; a multiplication and an addition each."""
    return FLOP_PER_WEIGHT * (model_multiplied_parameters + model_routed_parameters_per_token)


@formula("deployment.prefill_gpus_per_replica", unless_given=("deployment.prefill_replicas",))
def same_gpus_prefill(deployment_gpus_per_replica):
    """Without separate pools, the GPUs that decode prefill too."""
    return deployment_gpus_per_replica


def nothing():
    """Return zero, which it is in any unit."""
    return 0.0


@formula(
    "model.moe_layers",
    inputs=("model.num_hidden_layers",),
    if_given=EXPERTS[:1],
    about="All have experts.",
    stand_in="rule",
)
def the_same(other):
    """Return another quantity as it is."""
    return other


def _sixteen_bits():
    return BITS_16


def _as_usual():
    return SAME


# Defaults, which the vocabulary describes.
for _name, _default, _inputs in (
    ("model.full_attention_layers", the_same, ("model.num_hidden_layers",)),
    ("model.tie_word_embeddings", nothing, ()),
    ("deployment.expert_weight_bits", the_same, ("deployment.weight_bits",)),
    ("deployment.kv_bits", _sixteen_bits, ()),
    ("deployment.attention_data_parallel", nothing, ()),
    ("deployment.prefill_gpus_per_replica", the_same, ("deployment.gpus_per_replica",)),
    ("deployment.cached_input_share", nothing, ()),
    ("deployment.speculative_speedup", _as_usual, ()),
    ("gpu.software", _as_usual, ()),
):
    _about = f"{MODEL.quantities[_name].description}."
    formula(_name, inputs=_inputs, about=_about, stand_in="rule")(_default)
for _name in (
    *("model.num_experts_per_tok", "model.moe_layers", "model.expert_share"),
    *("model.routed_parameters", "model.routed_parameters_per_token"),
):
    _about = "A dense model has no routed experts."
    formula(_name, inputs=(), unless_given=EXPERTS, about=_about, stand_in="rule")(nothing)
