"""What finding the doubles among 100,000 contacts costs, and how often it is right, against splink
and the procedure taken literally.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import re
import time
import tracemalloc
from collections.abc import Callable
from itertools import combinations
from typing import Any

from policies.facts.same_person.pairs import Kind, find
from policies.world.model import Contact
from tests.synthetic import World, world

SIZE, SEED = 100_000, 20261125
Pairs = set[tuple[int, int]]


def cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    """What *work* returns and its CPU seconds, of all threads; what is there already is not looked
    through for garbage.
    """
    gc.collect()
    gc.freeze()
    started = time.process_time()
    return work(), time.process_time() - started


def peak(work: Callable[[], Any]) -> float:
    """MiB that *work* holds at most beyond what was there."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def literal(contacts: dict[int, Contact]) -> Pairs:
    """The procedure's sentence as it stands: the same e-mail, or the same phone, or the same name
    and ZIP code.
    """
    blocks: dict[str, list[int]] = {}
    for contact in contacts.values():
        values = {mail.value.casefold() for mail in contact.emails} | {
            re.sub(r"\D", "", phone.value)[-10:] for phone in contact.phones
        }
        values |= {f"{contact.name.casefold()} {address.code}" for address in contact.addresses}
        for value in values:
            blocks.setdefault(value, []).append(contact.id)
    return {pair for ids in blocks.values() for pair in combinations(sorted(ids), 2)}


def by_splink(contacts: dict[int, Contact]) -> Pairs:
    """splink 5 over DuckDB: term-adjusted names, e-mail, phone, street and ZIP, trained by EM, cut
    at 0.95.
    """
    splink: Any = importlib.import_module("splink")
    levels: Any = importlib.import_module("splink.comparison_library")
    arrow: Any = importlib.import_module("pyarrow")
    rows = [
        {
            "unique_id": c.id,
            "first": c.first_name.casefold() or None,
            "last": c.last_name.casefold() or None,
            "email": c.emails[0].value.casefold() if c.emails else None,
            "phone": re.sub(r"\D", "", c.phones[0].value)[-10:] if c.phones else None,
            "street": c.addresses[0].street.casefold(),
            "zip": c.addresses[0].code,
        }
        for c in contacts.values()
    ]
    block = splink.block_on
    rules = [block("email"), block("phone"), block("street", "zip"), block("first", "last")]
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            levels.NameComparison("first"),
            levels.NameComparison("last"),
            levels.EmailComparison("email"),
            levels.DamerauLevenshteinAtThresholds("phone", [1]),
            levels.JaroWinklerAtThresholds("street", [0.95]),
            levels.ExactMatch("zip"),
        ],
    )
    database = splink.DuckDBAPI()
    linker = splink.Linker(
        database.register(arrow.Table.from_pylist(rows)), settings, log_level=None
    )
    linker.training.estimate_probability_two_random_records_match(rules[:3], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block("email"))
    linker.training.estimate_parameters_using_expectation_maximisation(block("first", "last"))
    found = linker.inference.predict(threshold_match_probability=0.95).as_record_list()
    return {
        (min(r["unique_id_l"], r["unique_id_r"]), max(r["unique_id_l"], r["unique_id_r"]))
        for r in found
    }


def graded(found: Pairs, true: frozenset[tuple[int, int]]) -> str:
    """Precision and recall."""
    return f"P {len(found & true) / max(1, len(found)):.3f}, R {len(found & true) / len(true):.3f}"


def main() -> None:
    """Print cost and truth, and the ratio to each baseline."""
    made: World = world(SIZE, SEED)
    contacts, true = dict(made.contacts), made.doubles
    plain, plain_seconds = cpu(lambda: literal(contacts))
    pairs, seconds = cpu(lambda: find(contacts))
    kinds: dict[Kind, Pairs] = {
        kind: {(p.a, p.b) for p in pairs if p.kind is kind} for kind in Kind
    }
    strangers = made.strangers()
    apart = len(strangers & (kinds[Kind.CONFLICT] | kinds[Kind.HOUSEHOLD])) / len(strangers)
    most = peak(lambda: find(contacts))
    print(
        f"duplicates: {SIZE:,} contacts, {len(true):,} true pairs (seed {SEED}) in {seconds:.2f} s"
        f" CPU (allowed 5) and {most:.0f} MiB (allowed 128)"
    )
    print(
        f"  certain {graded(kinds[Kind.CERTAIN], true)} (allowed 0.985, 0.68), with review"
        f" {graded(kinds[Kind.CERTAIN] | kinds[Kind.REVIEW], true)} (R allowed 0.79); {apart:.4f}"
        f" of {len(strangers):,} pairs of two people are told apart (allowed 0.99)"
    )
    print(
        f"  the procedure taken literally: {plain_seconds:.2f} s CPU, {graded(plain, true)}; this"
        f" is {seconds / plain_seconds:.1f} x its time"
    )
    if importlib.util.find_spec("splink") is None:
        print("  splink is not installed (the extra `bench`): not compared with it")
        return
    theirs, their_seconds = cpu(lambda: by_splink(contacts))
    print(
        f"  splink: {their_seconds:.2f} s CPU, {graded(theirs, true)}; this is"
        f" {seconds / their_seconds:.2f} x its time (allowed 0.25)"
    )


if __name__ == "__main__":
    main()
