"""Inputs of the supply side: architectures, accelerators, deployments, efficiencies and energy.

Counts, widths and layers have no unit; the names of an architecture are those of its config.json.
"""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import least
from llmcost.engine.units import Constant
from llmcost.formulas.vocabulary import MODEL, formula

__all__ = ["MODEL", "formula"]

BITS_PER_BYTE: Final = Constant(8, "bit/byte")
BITS_4: Final = Constant(4, "bit")
BITS_8: Final = Constant(8, "bit")
BITS_16: Final = Constant(16, "bit")
FLOP_PER_WEIGHT: Final = Constant(2, "FLOP/tok")
"""A multiplication and an addition."""
FLOP_PER_HEAD_WIDTH: Final = Constant(4, "FLOP-request/tok-tok")
"""Queries times keys, and weights times values: per token attended to."""
FLOP_PER_PRODUCT: Final = Constant(2, "FLOP-request/tok-tok")
KEY_AND_VALUE: Final = Constant(2, "1/tok")
LATENT: Final = Constant(1, "1/tok")
ONE_GPU: Final = Constant(1, "GPU")
ONE_TOKEN: Final = Constant(1, "tok")
ONE_USER: Final = Constant(1, "user")
ONE_REQUEST: Final = Constant(1, "request")
TOKEN_PER_USER: Final = Constant(1, "tok/user")
"""A decode step gives each user one token."""
REQUEST_PER_USER: Final = Constant(1, "request/user")
"""Each user waits for one request at a time."""
BYTES_SENT: Final = Constant(3, "byte/tok")
"""An activation in 8 bits on the way to an expert, and in 16 on the way back."""
BYTES_REDUCED: Final = Constant(2, "byte/tok")
"""An activation in 16 bits."""
SECONDS_PER_HOUR_OF_WATT: Final = Constant(3600, "W-second/Wh")
WH_PER_KWH: Final = Constant(1000, "Wh/kWh")


def together(gpus, each, reached):
    """Return the rate that the GPUs of a replica reach together, given each one's peak."""
    return gpus / ONE_GPU * each * reached


def at_most(tokens, most):
    """Return tokens, up to a limit if there is one."""
    return tokens if most is None else least(tokens, most)


for _name, _title in {
    "model": "Architecture",
    "gpu": "Accelerator",
    "deployment": "Deployment: one replica of the model",
    "prefill": "Prefill of one request",
    "decode": "One decode step of a replica",
    "efficiency": "Efficiency: how much of an accelerator's peak is reached",
    "energy": "Energy",
}.items():
    MODEL.section(_name, _title)

MODEL.declare("""
model.parameters [–, from 1] All parameters, embeddings and every expert included
model.active_parameters [–, from 1] Parameters that a token uses, embeddings included; absent: all
model.num_hidden_layers [–, from 1] Layers
model.hidden_size [–, from 1] Width of a layer
model.num_attention_heads [–, from 1] Attention heads of a layer
model.num_key_value_heads [–, from 1] Key-value heads of a layer; attention heads share them
model.head_dim [–, from 1] Width of a head
model.kv_lora_rank [–] Width of the latent that MLA stores instead of keys and values
model.qk_nope_head_dim [–] Width of an MLA query without positions
model.qk_rope_head_dim [–] Width of MLA's positions, stored beside the latent
model.v_head_dim [–] Width of an MLA value
model.num_experts [–] Routed experts of a layer; absent: a dense model
model.num_experts_per_tok [–] Routed experts that a token goes through; absent: a dense model
model.moe_layers [–] Layers with experts; absent: all, if there are experts
model.vocab_size [–, from 1] Tokens of the vocabulary
model.tie_word_embeddings [share] 1 if the output matrix is the input embedding; absent: 0
model.sliding_window [tok/request] Tokens that a layer without full attention attends to
model.full_attention_layers [–] Layers that attend to the whole context; absent: all
model.index_topk [tok/request] Tokens of context that sparse attention reads; absent: all
model.native_weight_bits [bit] Bits of a weight as published; of an expert's weight, if fewer

gpu.memory [byte, from 1] Memory of one GPU
gpu.memory_bandwidth [byte/second, from 1] Bytes a second that one GPU reads from its memory
gpu.flops_16bit [FLOP/second] Dense peak of one GPU in 16 bits
gpu.flops_8bit [FLOP/second] Dense peak of one GPU in 8 bits; absent: it has none
gpu.flops_4bit [FLOP/second] Dense peak of one GPU in 4 bits; absent: it has none
gpu.interconnect_bandwidth [byte/second] Bytes a second that one GPU sends to others of its node, one way
gpu.scale_up_domain [GPU] GPUs that share its fast interconnect
gpu.software [×, worse down] Speed of its software relative to the efficiencies; absent: 1
gpu.all_in_power [W, worse up] Power of one GPU at full load, including its share of server and network

deployment.gpus_per_replica [GPU, from 1] GPUs that hold one copy of the model
deployment.weight_bits [bit, from 1] Bits of a weight that every token uses
deployment.expert_weight_bits [bit, from 1] Bits of a weight of a routed expert; absent: as other weights
deployment.kv_bits [bit, from 1] Bits of a key or value; absent: 16
deployment.math_bits [bit] Bits of products; absent: the fewest that GPU and weights allow
deployment.attention_data_parallel [share] 1 if each GPU handles attention for its own users; absent: 0
deployment.cached_input_share [share] Cache hits / input of a request; absent: 0
deployment.speculative_speedup [×, worse down] Tokens per step with speculative decoding; absent: 1
deployment.concurrency [user, worse down] Users per replica; absent: the most at the target speed
deployment.input_tokens_per_request [tok/request] Input of a request, cache hits included
deployment.output_tokens_per_request [tok/request] Output of a request
deployment.min_tokens_per_second_per_user [tok/second] Least output a user must see, including delays by
    others' prefill

deployment.prefill_replicas [–] Replicas that only prefill, if pools are separate
deployment.decode_replicas [–] Replicas that only decode, if pools are separate
deployment.prefill_gpus_per_replica [GPU] GPUs of a replica that only prefills; absent: as many as for decode
deployment.users [user, worse up] Users at once at the peak, in all replicas together

gpu.rent_per_hour [USD/GPU-hour, worse up] On-demand rent of an hour
gpu.contract_rent_per_hour [USD/GPU-hour, worse up] Contract rent of an hour
gpu.owned_cost_per_hour [USD/GPU-hour, worse up] The owner's cost of an hour
gpu.purchase_price [USD/GPU, worse up] Purchase price

efficiency.dense_bandwidth [share] Share of the memory bandwidth reached when weights for all tokens are read
efficiency.expert_bandwidth [share] Share of the memory bandwidth reached when experts are read
efficiency.kv_bandwidth [share] Share of the memory bandwidth reached when keys and values are read
efficiency.compute [share] Share of the dense peak reached in products of weights
efficiency.compute_4bit [share] Part of that share left in 4 bits
efficiency.attention_compute [share] Share of the 16-bit peak reached in attention
efficiency.expert_tokens [tok] Tokens per expert at which half of the peak is reached
efficiency.prefill_chunk [tok] Tokens that a server prefills at a time
efficiency.step_seconds [second] Fixed time of a decode step
efficiency.layer_seconds [second] Fixed time of a layer
efficiency.moe_layer_seconds [second] Fixed time of a layer with experts, on top
efficiency.mla_layer_seconds [second] Fixed time of a layer with MLA, on top
efficiency.user_seconds [second/user] Time that each user of a GPU adds to a decode step
efficiency.collective_seconds [second] Latency of one exchange between the GPUs of a replica
efficiency.interconnect [share] Share of the interconnect's bandwidth reached
efficiency.memory [share] Share of the memory that weights and context may fill
efficiency.model_factor [×] Measured rates over modelled ones; its range is the range of derived rates

energy.power_usage_effectiveness [×, worse up] Power of the data centre over that of servers
energy.usd_per_kwh [USD/kWh, worse up] Price of electricity
energy.load [share, worse up] Power of a busy GPU over its all-in power
energy.idle_load [share, worse up] Power of an idle GPU over its all-in power
""")
