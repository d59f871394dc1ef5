"""The digests of every policy over the generated worlds, and `policies/versions.toml`, which is made of them.

`make digests` writes the file anew; with RELEASE=1, at a release, what is so far unreleased becomes what was released.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from policies.registry import POLICIES, Policy
from policies.versions import Known, Released, parse
from tests.policy_worlds import PORTALS, SEED, WORLDS, Said, collected

FILE = Path(__file__).parents[1] / "policies" / "versions.toml"
HOW = "tests/policy_worlds.py shows what each world asks; `make digests` then writes policies/versions.toml anew."


def digest_of(said: Iterable[Any]) -> str:
    """16 hex digits over a set."""
    return hashlib.sha256(json.dumps(sorted(said), ensure_ascii=True).encode()).hexdigest()[:16]


def may_of(policy: Policy, said: Said) -> frozenset[str]:
    """The rights of a policy as the daemon compares them: those it took in some world, and those it declares."""
    declared = {f"field {name}" for name in policy.sets_fields} | {f"stage {stage.value}" for stage in policy.stages}
    return frozenset(said.may | declared | {f"tag {tag.partition(' — ')[0]}" for tag in policy.tags})


def complaints(found: Mapping[str, Said], known: Mapping[str, Known], policies: Iterable[Policy] = POLICIES) -> Iterator[str]:
    """What a policy does under a number that stands for something else, and which number to raise."""
    for policy in policies:
        said, entry = found[policy.name], known.get(policy.name)
        if entry is None:
            yield f"{policy.name} is new: run `make digests`"
            continue
        was = entry.released
        if was and policy.version == was.version and digest_of(said.rights) != was.rights:
            yield (f"{policy.name}: its rights (who, verb, entity, field, choices) are not those that version {was.version} was released with. Raise"
                   f" `version` in policies/registry/: the agent is asked, and the old version's open work runs on. {HOW}")
        if was and policy.wording == was.wording and digest_of(said.texts) != was.texts:
            yield (f"{policy.name}: people read other texts than wording {was.wording} was released with. Raise `wording` in policies/registry/:"
                   f" the agent is told, and nothing stops. {HOW}")
        if (may := may_of(policy, said)) != entry.may:
            new, gone = sorted(may - entry.may), sorted(entry.may - may)
            yield f"{policy.name}: policies/versions.toml lists other rights (new: {new}, gone: {gone}): run `make digests`"


def toml(found: Mapping[str, Said], known: Mapping[str, Known], *, release: bool) -> str:
    """The file; an entry that was released stays as it is until the next release."""
    lines = ["# Written by `make digests` (tests/policy_digests.py): what each policy's `version` and `wording` stand for (X-92).",
             f"# {WORLDS + PORTALS} worlds, drawn from seed {SEED}. Do not edit."]
    for policy in sorted(POLICIES, key=lambda p: p.name):
        said, entry = found[policy.name], known.get(policy.name)
        lines += ["", f'["{policy.name}"]', f"may = {_list(may_of(policy, said))}"]
        before = entry.released if entry else None
        was = _released(policy, said, before) if release else before
        if was:
            lines += ["", f'["{policy.name}".released]', f"version = {was.version}", f'rights = "{was.rights}"', f"wording = {was.wording}",
                      f'texts = "{was.texts}"', f"may = {_list(was.may)}"]
            lines += [f"{name} = {_list(held)}" for name, held in (("options", was.options), ("templates", was.templates)) if held]
    return "\n".join(lines) + "\n"


def _released(policy: Policy, said: Said, before: Released | None) -> Released:
    first = (before.options, before.templates) if before else ((), ())
    return Released(policy.version, digest_of(said.rights), policy.wording, digest_of(said.texts), may_of(policy, said), *first)


def _list(words: Iterable[str]) -> str:
    ordered = list(words) if isinstance(words, tuple) else sorted(words)
    if not ordered:
        return "[]"
    return "[\n" + "".join(f'    "{word}",\n' for word in ordered) + "]"


def main() -> None:
    """Write the file."""
    known, found = parse(FILE.read_text(encoding="utf-8")), collected()
    FILE.write_text(toml(found, known, release="--release" in sys.argv), encoding="utf-8")
    for complaint in complaints(found, parse(FILE.read_text(encoding="utf-8"))):
        sys.stdout.write(f"{complaint}\n")


if __name__ == "__main__":
    main()
