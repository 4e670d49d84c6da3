"""config.json as an architecture: parameters counted from the shape, held against what cards say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calling import Call, each, refusal
from llmcost import LlmcostError, load
from llmcost.analysis.ask.importing import Imported, import_files

QWEN: dict[str, Any] = {"model_type": "qwen3_moe", "decoder_sparse_step": 1, "mlp_only_layers": []}
QWEN |= {"num_experts": 128, "num_experts_per_tok": 8, "head_dim": 128, "num_key_value_heads": 4}
QWEN |= {"vocab_size": 151936, "tie_word_embeddings": False, "use_sliding_window": False}
LATENT = {"kv_lora_rank": 512, "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64}
LATENT |= {"v_head_dim": 128, "hidden_size": 7168, "num_hidden_layers": 61}
GATED: dict[str, Any] = {"intermediate_size": 18432, "moe_intermediate_size": 2048, "n_shared_experts": 1}
GATED |= {"num_experts_per_tok": 8, "moe_layer_freq": 1, "topk_method": "noaux_tc"}

# What the safetensors of each model hold by its card, or, to the digits given, what its card says.
PUBLISHED: dict[str, tuple[dict[str, Any], float, float | None]] = {
    "Llama-3.1-70B": (
        {"hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8}
        | {"intermediate_size": 28672, "vocab_size": 128256, "tie_word_embeddings": False},
        70_553_706_496,
        None,
    ),
    "Mixtral-8x7B": (
        {"model_type": "mixtral", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32}
        | {"num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 32000, "sliding_window": None}
        | {"num_local_experts": 8, "num_experts_per_tok": 2},
        46_702_792_704,
        12.88e9,
    ),
    "Qwen3-235B-A22B": (
        {**QWEN, "hidden_size": 4096, "num_hidden_layers": 94, "num_attention_heads": 64}
        | {"intermediate_size": 12288, "moe_intermediate_size": 1536},
        235_093_634_560,
        22.19e9,
    ),
    "Qwen3-30B-A3B": (
        {**QWEN, "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 32}
        | {"intermediate_size": 6144, "moe_intermediate_size": 768},
        30_532_122_624,
        3.35e9,
    ),
    "DeepSeek-V3": (
        {**LATENT, **GATED, "model_type": "deepseek_v3", "num_attention_heads": 128, "vocab_size": 129280}
        | {"n_routed_experts": 256, "first_k_dense_replace": 3, "num_nextn_predict_layers": 1},
        671.03e9,
        37.55e9,
    ),
    "Kimi-K2": (
        {**LATENT, **GATED, "model_type": "kimi_k2", "num_attention_heads": 64, "vocab_size": 163840}
        | {"n_routed_experts": 384, "first_k_dense_replace": 1},
        1026.4e9,
        32.87e9,
    ),
    "gpt-oss-120b": (
        {"model_type": "gpt_oss", "hidden_size": 2880, "num_hidden_layers": 36, "num_attention_heads": 64}
        | {"num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 2880, "num_local_experts": 128}
        | {"num_experts_per_tok": 4, "vocab_size": 201088, "attention_bias": True},
        116_829_156_672,
        5.71e9,
    ),
    "GLM-4.5": (
        {"model_type": "glm4_moe", "hidden_size": 5120, "num_hidden_layers": 92, "num_attention_heads": 96}
        | {"num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 12288, "n_shared_experts": 1}
        | {"moe_intermediate_size": 1536, "n_routed_experts": 160, "num_experts_per_tok": 8}
        | {"first_k_dense_replace": 3, "vocab_size": 151552, "attention_bias": True, "use_qk_norm": True},
        352.8e9,
        33.63e9,
    ),
    "gemma-3-27b": (
        {"model_type": "gemma3", "vision_config": {"hidden_size": 1152}}
        | {
            "text_config": {"model_type": "gemma3_text", "hidden_size": 5376, "num_hidden_layers": 62}
            | {"num_attention_heads": 32, "num_key_value_heads": 16, "head_dim": 128}
            | {"intermediate_size": 21504, "vocab_size": 262208, "sliding_window": 1024}
        },
        27_009_346_304,
        None,
    ),
    # Its file leaves out what transformers takes for its type.
    "gemma-3-4b": (
        {"model_type": "gemma3", "vision_config": {"hidden_size": 1152}}
        | {
            "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34}
            | {"intermediate_size": 10240, "sliding_window": 1024}
        },
        3_880_263_168,
        None,
    ),
    # Two matrices in a block, and a bias everywhere.
    "phi-2": (
        {"model_type": "phi", "hidden_size": 2560, "num_hidden_layers": 32, "num_attention_heads": 32}
        | {"num_key_value_heads": 32, "intermediate_size": 10240, "vocab_size": 51200},
        2_779_683_840,
        None,
    ),
    "pythia-1b": (
        {"model_type": "gpt_neox", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 8}
        | {"intermediate_size": 8192, "vocab_size": 50304, "tie_word_embeddings": False},
        1_011_781_632,
        None,
    ),
    "starcoder2-7b": (
        {"model_type": "starcoder2", "hidden_size": 4608, "num_hidden_layers": 32, "use_bias": True}
        | {"num_attention_heads": 36, "num_key_value_heads": 4, "intermediate_size": 18432}
        | {"vocab_size": 49152, "sliding_window": 4096},
        7_173_923_840,
        None,
    ),
}


def imported(config: dict[str, Any], folder: Path) -> Imported:
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return import_files([str(path)])


def values(config: dict[str, Any], folder: Path) -> dict[str, float]:
    """Return what the architecture states, read back as `model.*`."""
    path = folder / f"architecture-{len(list(folder.iterdir()))}.yaml"
    path.write_text(imported(config, folder).text, encoding="utf-8")
    return {name.removeprefix("model."): datum.value for name, datum in load(str(path)).data.items()}


@each("name", PUBLISHED)
def test_parameters_are_those_of_the_card(name: str, tmp_path: Path) -> None:
    config, parameters, active = PUBLISHED[name]
    found = values(config, tmp_path)
    assert found["parameters"] == pytest.approx(parameters, rel=2e-5 if parameters % 1e6 == 0 else 1e-12)
    assert found.get("active_parameters") == (active and pytest.approx(active, rel=1e-3))


DENSE = {"hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 10}
DENSE |= {"intermediate_size": 8}


def test_a_small_dense_model_by_hand(tmp_path: Path) -> None:
    # 2·10·4 of embeddings, 4 of the last norm; a layer: 4·16 of attention, 3·32 of its block, 8 of norms.
    found = values({**DENSE, "torch_dtype": "bfloat16"}, tmp_path)
    assert found["parameters"] == 84 + 2 * (64 + 96 + 8)
    assert (found["num_key_value_heads"], found["head_dim"], found["native_weight_bits"]) == (2, 2, 16)
    assert "active_parameters" not in found
    # The output matrix is the embedding; one head of keys and values; biases of all three.
    shared = values({**DENSE, "tie_word_embeddings": True, "num_key_value_heads": 1}, tmp_path)
    assert (shared["parameters"], shared["tie_word_embeddings"]) == (44 + 2 * (48 + 96 + 8), 1)
    biased = values({**DENSE, "attention_bias": True, "mlp_bias": True}, tmp_path)
    assert biased["parameters"] == 84 + 2 * (64 + 12 + 96 + 20 + 8)


def test_a_small_mixture_by_hand(tmp_path: Path) -> None:
    mixed = {**DENSE, "num_experts": 4, "num_experts_per_tok": 1, "moe_intermediate_size": 2}
    # Of the second layer alone: 4 experts of 3·4·2, a router of 16.
    found = values({**mixed, "first_k_dense_replace": 1}, tmp_path)
    assert found["parameters"] == 84 + 2 * (64 + 8) + 96 + 4 * 24 + 16
    assert found["active_parameters"] == 84 + 2 * (64 + 8) + 96 + 24 + 16
    assert (found["moe_layers"], found["num_experts"], found["num_experts_per_tok"]) == (1, 4, 1)
    with_shared = values({**mixed, "n_shared_experts": 2}, tmp_path)
    assert with_shared["parameters"] == 84 + 2 * (64 + 8 + 4 * 24 + 16 + 2 * 24)
    # One of 3·4·3 with a gate of its own, and one as large as the others.
    gated = values({**mixed, "shared_expert_intermediate_size": 3}, tmp_path)
    assert gated["parameters"] == 84 + 2 * (64 + 8 + 4 * 24 + 16 + 36 + 4)
    scout = values({**mixed, "model_type": "llama4_text", "interleave_moe_layer_step": 1}, tmp_path)
    assert scout["parameters"] == 84 + 2 * (64 + 8 + 4 * 24 + 16 + 24)


def test_what_picks_the_tokens_of_sparse_attention_is_counted(tmp_path: Path) -> None:
    """61 times 64 heads of 128 from 1,536, a key of 128 and 64 weights from 7,168, and a norm."""
    config, _, _ = PUBLISHED["DeepSeek-V3"]
    index = {"index_topk": 2048, "index_n_heads": 64, "index_head_dim": 128}
    dense, sparse = values(config, tmp_path), values({**config, **index}, tmp_path)
    picking = 1536 * 64 * 128 + 7168 * 128 + 7168 * 64 + 2 * 128
    assert sparse["parameters"] - dense["parameters"] == 61 * picking
    assert sparse["index_topk"] == 2048


@each(
    "stated, window, full",
    [
        ({"sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"]}, 128, 1),
        ({"sliding_window": 128, "sliding_window_pattern": 2}, 128, 1),
        ({"sliding_window": 128}, 128, 0),
        ({"sliding_window": 128, "model_type": "gemma2"}, 128, 1),
        ({"sliding_window": 128, "model_type": "qwen2"}, None, None),
        ({"sliding_window": 128, "use_sliding_window": True, "max_window_layers": 1}, 128, 1),
        ({"sliding_window": 128, "use_sliding_window": False}, None, None),
        ({"sliding_window": None}, None, None),
        ({"attention_chunk_size": 64, "no_rope_layers": [1, 0]}, 64, 1),
    ],
)
def test_windows(stated: dict[str, Any], window: float | None, full: float | None, tmp_path: Path) -> None:
    found = values({**DENSE, **stated}, tmp_path)
    assert (found.get("sliding_window"), found.get("full_attention_layers")) == (window, full)


@each(
    "said, bits",
    [
        ({"quantization_config": {"quant_method": "fp8"}}, 8),
        ({"quantization_config": {"quant_method": "mxfp4"}}, 4.25),
        ({"quantization_config": {"quant_method": "awq", "bits": 4}}, 4),
        (
            {
                "quantization_config": {
                    "quant_method": "compressed-tensors",
                    "config_groups": {"group_0": {"weights": {"num_bits": 4}}},
                }
            },
            4,
        ),
        ({"dtype": "torch.float32"}, 32),
        ({}, None),
    ],
)
def test_bits_of_the_published_weights(said: dict[str, Any], bits: float | None, tmp_path: Path) -> None:
    assert values({**DENSE, **said}, tmp_path).get("native_weight_bits") == bits


def test_what_is_not_counted_is_said(tmp_path: Path) -> None:
    config, _, _ = PUBLISHED["gemma-3-27b"]
    note = " ".join(imported(config, tmp_path).draft.note)
    assert "vision tower" in note
    assert "the file does not say" in note
    config, _, _ = PUBLISHED["gemma-3-4b"]
    note = " ".join(imported(config, tmp_path).draft.note)
    assert "set as transformers does for the type gemma3_text: vocab_size 262208" in note
    (odd,) = imported({**DENSE, "model_type": "odd"}, tmp_path).draft.note[1:]
    assert odd == "Layers of the type odd are not known here: they are counted as those of Llama."


@each(
    "config, said",
    [
        ({**DENSE, "intermediate_size": None}, "has no 'intermediate_size'"),
        ({"model_type": "gpt2", "n_layer": 12, "vocab_size": 50257}, "has no 'num_hidden_layers'"),
        ({**DENSE, "num_attention_heads": "two"}, "num_attention_heads: expected a number, got two"),
        ({**DENSE, "num_key_value_heads": 7}, "heads cannot share 7 of keys evenly"),
        ({**DENSE, "num_hidden_layers": 0}, "num_hidden_layers: expected a number of 1 or more, got 0"),
        ({**DENSE, "num_experts": 2, "num_experts_per_tok": 3}, "expected at most 2, the experts of a layer"),
        ({**DENSE, "layer_types": ["linear_attention"] * 2}, "has layers of linear_attention"),
    ],
)
def test_what_cannot_be_counted(config: dict[str, Any], said: str, tmp_path: Path) -> None:
    found = refusal(imported, config, tmp_path)
    assert said in found
    assert "config.json" in found


def test_one_file_is_one_model(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.json" for name in "ab"]
    for path in paths:
        path.write_text(json.dumps(DENSE), encoding="utf-8")
    with pytest.raises(LlmcostError, match="is one model; import each file on its own"):
        import_files([str(path) for path in paths])


def test_what_is_written_can_be_sized(tmp_path: Path, llmcost: Call) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**DENSE, "hidden_size": 1024, "intermediate_size": 4096}), encoding="utf-8")
    out = tmp_path / "small.yaml"
    assert llmcost("import", str(path), "-o", str(out)).code == 0
    done = llmcost("size", str(out), "--accelerator", "anvil", "--users", "2", "--min-tokens-per-second", "5")
    assert done.code == 0
    assert "1 × anvil" in done.out
