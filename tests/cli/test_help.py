"""The help: a line a verb, two examples of each, and three commands to try."""

from __future__ import annotations

from calling import Call, each
from llmcost.verbs import VERBS

EXAMPLES = [example for verb in VERBS.values() for example in verb.examples]


def test_every_verb_has_a_whole_line_and_three_commands_are_to_try(llmcost: Call) -> None:
    for arguments in ((), ("--help",)):
        done = llmcost(*arguments)
        assert (done.code, done.err) == (0, "")
        for name, verb in VERBS.items():
            assert len(verb.line) <= 45
            assert f"  {name:<11}  {verb.line}\n" in done.out
        commands = [line.strip() for line in done.out.partition("Try:\n")[2].splitlines() if line.strip()]
        assert len(commands) == 3
        assert {command.removeprefix("llmcost ") for command in commands} <= set(EXAMPLES)


@each("name", VERBS)
def test_every_verb_shows_two_examples(name: str, llmcost: Call) -> None:
    done = llmcost(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Usage: llmcost {name}" in done.out
    for example in VERBS[name].examples:
        assert example.split()[0] == name
        assert f"\n    llmcost {example}\n" in done.out
    assert VERBS[name].forms == () or "|".join(VERBS[name].forms) in done.out
