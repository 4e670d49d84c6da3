"""What a replica achieves: how many users it serves, how fast, and its tokens per GPU-second."""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import least, root_of, round_up
from llmcost.engine.roots import Upward
from llmcost.engine.units import Constant
from llmcost.formulas.supply.decode import token_seconds
from llmcost.formulas.supply.vocabulary import (
    ONE_REQUEST,
    ONE_TOKEN,
    ONE_USER,
    REQUEST_PER_USER,
    TOKEN_PER_USER,
    formula,
)

MOST_USERS: Final = 1e7
"""A limit that no replica reaches: at 15 microseconds per user, a step would take minutes."""
TOKENS_PER_REQUEST: Final = Constant(1, "tok/request")
PER_TOKEN: Final = Constant(1, "1/tok")
REPLICA: Final = ("deployment.gpus_per_replica",)
"""The input that calls for modelled rates: a deployment."""
POOLS: Final = ("deployment.prefill_replicas",)
"""The input that tells that prefill and decode have separate GPUs."""
NO_TIME: Final = Constant(0, "second/request")


def output_seconds(users, prefill, tokens, *step):
    """Return the time that a user waits for one output token, including other users' prefill.

    Args:
        users: users of the replica, each waiting for one request.
        prefill: time of one request's prefill, second/request.
        tokens: output tokens of a request, tok/request.
        step: the arguments of `token_seconds` after the users.
    """
    others = (users - ONE_USER) * REQUEST_PER_USER * prefill
    return (others / (tokens / TOKENS_PER_REQUEST) + token_seconds(users, *step)) * PER_TOKEN


def behind_target(users, target, prefill, tokens, *step):
    """Return 0 if users get their tokens exactly at the target speed, and more if they are slower."""
    return output_seconds(users * ONE_USER, prefill, tokens, *step) * target - 1


_most_users: Final = Upward("_most_users", behind_target, MOST_USERS, "too_slow_for_one_user")
"""Finds the number of users, with fractions, at the target speed; with more users each is slower."""


@formula("deployment.interrupting_seconds", unit="second/request", if_given=POOLS)
def nothing_interrupts():
    """With a separate prefill pool, no prefill interrupts a user's tokens."""
    return NO_TIME


@formula("deployment.interrupting_seconds", worse="up")
def prefill_interrupts(prefill_seconds):
    """Prefill of one request, which comes between the tokens of the other users."""
    return prefill_seconds


STEP = (
    "time of an output token = (N − 1)·deployment.interrupting_seconds / output tokens + step(N), "
    "where step is decode.seconds with N users"
)


@formula(
    "decode.users_at_target",
    unit="–",
    inputs=(
        *("deployment.min_tokens_per_second_per_user", "deployment.interrupting_seconds"),
        *("deployment.output_tokens_per_request", "decode.dense_read_seconds"),
        *("decode.dense_compute_seconds_per_user", "model.expert_share", "decode.expert_read_seconds"),
        *("decode.expert_compute_seconds_per_user", "decode.attention_seconds_per_user"),
        *("decode.overhead_seconds", "decode.overhead_seconds_per_user", "deployment.exchange_latency"),
        *("deployment.exchange_seconds_per_token", "gpu.software", "deployment.speculative_speedup"),
        "efficiency.model_factor",
    ),
    about="Users of a replica at which each just gets the target speed, ignoring memory.",
    text=f"the N at which the {STEP} is 1 / target",
    worse="down",
)
def users_at_target(*asked):
    """Return the root of `behind_target`, whose arguments after the users are the same."""
    return root_of(_most_users, behind_target, *asked)


@formula("deployment.concurrency")
def concurrency(deployment_max_concurrency, decode_users_at_target):
    """Users per replica: the most that meet the target speed and that memory holds."""
    return -round_up(-least(decode_users_at_target * ONE_USER, deployment_max_concurrency), ONE_USER)


@formula("deployment.concurrency", if_given=POOLS)
def concurrency_of_pool(deployment_users, deployment_decode_replicas):
    """Users per replica that decodes, if no target speed is stated: all of them, divided equally."""
    return deployment_users / deployment_decode_replicas


@formula("deployment.batch", unit="user", worse="down")
def batch(deployment_concurrency, deployment_max_concurrency):
    """Users decoded at once; those that do not fit into memory wait."""
    return least(deployment_concurrency, deployment_max_concurrency)


@formula("deployment.seconds_per_request", unit="second/request", worse="up")
def seconds_per_request(
    prefill_seconds, decode_seconds, deployment_batch, deployment_output_tokens_per_request
):
    """Time that a request takes of a replica, with prefill and decode on the same GPUs."""
    return prefill_seconds + deployment_output_tokens_per_request * decode_seconds / (
        deployment_batch * TOKEN_PER_USER
    )


@formula("deployment.tokens_per_second_per_user", unit="tok/second", if_given=POOLS)
def tokens_per_second_of_pool(decode_seconds):
    """Output that a user sees with a separate prefill pool: one token a step."""
    return ONE_TOKEN / decode_seconds


@formula("deployment.tokens_per_second_per_user", worse="down")
def tokens_per_second_per_user(
    deployment_concurrency,
    deployment_seconds_per_request,
    prefill_seconds,
    deployment_output_tokens_per_request,
):
    """Output that a user sees once it began: the prefill of others comes between its tokens."""
    waits = REQUEST_PER_USER * deployment_concurrency * deployment_seconds_per_request
    own = ONE_REQUEST * prefill_seconds
    return ONE_REQUEST * deployment_output_tokens_per_request / (waits - own)


@formula("deployment.output_tokens_per_gpu_second", unit="tok/GPU-second", if_given=POOLS)
def output_tokens_of_pools(
    deployment_output_tokens_per_request, deployment_system_requests_per_second, deployment_gpus
):
    """Output per GPU, counting the GPUs of both pools, as benchmarks report it."""
    return deployment_output_tokens_per_request * deployment_system_requests_per_second / deployment_gpus


@formula("deployment.output_tokens_per_gpu_second", worse="down")
def output_tokens_per_gpu_second(
    deployment_output_tokens_per_request, deployment_seconds_per_request, deployment_gpus_per_replica
):
    """Output of a GPU that prefills and decodes the same requests, as benchmarks of a server report it."""
    return deployment_output_tokens_per_request / (
        deployment_seconds_per_request * deployment_gpus_per_replica
    )


@formula("deployment.replicas", unit="–", if_given=("deployment.users",), worse="up")
def replicas(deployment_users, serving_headroom, deployment_concurrency):
    """Replicas that serve all users at the peak, with the reserve above it."""
    return round_up(deployment_users * (1 + serving_headroom) / deployment_concurrency)


@formula("deployment.gpus", unit="GPU", if_given=POOLS)
def gpus_of_pools(
    deployment_prefill_replicas,
    deployment_prefill_gpus_per_replica,
    deployment_decode_replicas,
    deployment_gpus_per_replica,
):
    """GPUs of both pools."""
    return (
        deployment_prefill_replicas * deployment_prefill_gpus_per_replica
        + deployment_decode_replicas * deployment_gpus_per_replica
    )


@formula("deployment.gpus", worse="up")
def gpus(deployment_replicas, deployment_gpus_per_replica):
    """GPUs of all replicas."""
    return deployment_replicas * deployment_gpus_per_replica


@formula("serving.gpus", if_given=REPLICA)
def gpus_of_deployment(deployment_gpus):
    """The fleet that is paid for: the GPUs of the deployment."""
    return deployment_gpus


@formula("serving.prefill_tokens_per_gpu_second", if_given=REPLICA)
def prefill_rate(prefill_tokens_per_request, prefill_seconds, deployment_prefill_gpus_per_replica):
    """Input tokens that a GPU computes if it does nothing else, cache hits not counted; modelled."""
    return prefill_tokens_per_request / (prefill_seconds * deployment_prefill_gpus_per_replica)


@formula("serving.decode_tokens_per_gpu_second", if_given=REPLICA)
def decode_rate(deployment_batch, decode_seconds, deployment_gpus_per_replica):
    """Output tokens of a GPU that does nothing else; modelled."""
    return deployment_batch * TOKEN_PER_USER / (decode_seconds * deployment_gpus_per_replica)


@formula("serving.gpus_per_replica")
def whole_replicas(deployment_gpus_per_replica):
    """GPUs come in whole replicas of the deployment."""
    return deployment_gpus_per_replica


@formula("deployment.system_requests_per_second", unit="request/second", worse="down")
def pooled_requests_per_second(
    deployment_prefill_replicas,
    deployment_decode_replicas,
    deployment_users,
    deployment_batch,
    prefill_seconds,
    decode_seconds,
    deployment_output_tokens_per_request,
):
    """Requests of separate pools: as many as users send, or as either pool can serve."""
    decoding = REQUEST_PER_USER * deployment_output_tokens_per_request * decode_seconds / TOKEN_PER_USER
    return least(
        deployment_prefill_replicas / prefill_seconds,
        least(
            deployment_users * REQUEST_PER_USER / (ONE_REQUEST * prefill_seconds + decoding),
            deployment_decode_replicas * deployment_batch * REQUEST_PER_USER / decoding,
        ),
    )
