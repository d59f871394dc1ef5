"""A policy as a value: one rule of the procedures, with everything it needs and could write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.asks.wants import Finding
from policies.world.model import Contact, Source, Stage
from policies.world.snapshot import Snapshot

PAST_CLIENT_STAGES = (Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule of the procedures, with everything that deciding by it needs and could write.

    `why_silent` says for `steward explain` why it asks nothing about a contact. Without the sources
    in `needs` and the Sheet tabs in `tabs` it is not asked (architecture rule 2). It is off if the
    account has none of the stages in `any_stage`, or lacks one of `fields`, by Steward's own names
    (rule 10). `begins` yields rows of Memory that are written with the acknowledgement, before
    anything is done in its name: where the procedure starts from. `tags`, `stages` and
    `sets_fields` are everything it could write, so that `check` can warn of the CRM's automations.

    `goes_by` names the options of another procedure's table ("database.confirmed_system_rules")
    that change its actions: they are acknowledged with the policy of that procedure that has them
    in its `options`.

    `version` rises with every change of its rights: who is asked, which verb, entity and field,
    which choices. The agent acknowledges it together with `options`, the keys of its configuration
    table that change its actions (rule 13). `wording` rises with every other change of the texts
    that people read. The log tells of it, as of a change in `text_options` or in the
    `templates` it renders, and nothing waits (X-92). The generated worlds of `make digests` check
    both.
    """

    name: str
    decide: Callable[[Snapshot], Iterator[Finding]]
    why_silent: Callable[[Snapshot, Contact], Iterator[str]]
    clauses: tuple[str, ...]
    begins: Callable[[Snapshot], Iterator[Finding]] | None = None
    version: int = 1
    wording: int = 1
    needs: frozenset[Source] = frozenset(Source) - {Source.PERSONAL_NOTES}
    tabs: tuple[str, ...] = ("Approvals", "Missed")
    any_stage: tuple[Stage, ...] = ()
    fields: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    text_options: tuple[str, ...] = ()
    goes_by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    sets_fields: tuple[str, ...] = ()

    @property
    def procedure(self) -> str:
        """The procedure it belongs to, which is the configuration table of its options."""
        return self.name.partition(".")[0]
