"""What a segment is: stages, tags and a price range, as one value that a list, a count, a lint and
a report share (DB-36).

It is put together from what a person typed, and reads in words that a person confirms. What does
not exist, or cannot be meant so, is an error that names it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from policies.facts import price_range
from policies.facts.price_range import PriceRange
from policies.facts.taxonomy import LONGEST_TAG
from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Source,
    Stage,
    folded,
    one_line,
)

TRASH = "trash"
"""The CRM's own stage of what people threw away."""
_OR = re.compile(r"\s+or\s+|\s*\|\s*", re.I)
_ITEM = re.compile(r'\s*(?:"([^"]+)"|(.+?))\s*(?:\s+or\s+|\||$)', re.I | re.S)
_BETWEEN = re.compile(r"[,;\n]+")


class Unclear(ValueError):
    """What was typed defines no segment; `problems` says all that is wrong with it, a sentence
    each.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class StageNames:
    """The account's stages: every `label` there is, and the labels that stand for each of the 13
    (DB-16).
    """

    labels: tuple[str, ...] = tuple(STAGE_LABELS.values())
    canonical: Mapping[Stage, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(
            {stage: (label,) for stage, label in STAGE_LABELS.items()}
        )
    )

    def labels_of(self, stage: str) -> tuple[str, ...]:
        """The account's own labels for a canonical stage, or the label itself, as the account
        spells them.
        """
        wanted = {
            folded(label)
            for label in (self.canonical.get(stage, ()) if isinstance(stage, Stage) else (stage,))
        }
        return tuple(label for label in self.labels if folded(label) in wanted)

    def meaning(self, text: str) -> str:
        """The canonical stage that *text* names, by its name or the procedure's words, or else a
        label of the account.

        Raises:
            Unclear: the account has no such stage.
        """
        word = folded(text)
        for stage, label in STAGE_LABELS.items():
            if word in {
                folded(stage.value.replace("_", " ")),
                folded(stage.value),
                folded(label),
            } and self.labels_of(stage):
                return stage
        for label in self.labels:
            if folded(label) == word:
                return label
        close = difflib.get_close_matches(text, self.labels, 1)
        raise Unclear(
            [
                f"there is no stage {text!r}; "
                + (f"did you mean {close[0]!r}? " if close else "")
                + f"The account has {', '.join(self.labels) or 'none'}"
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Contacts in one of the `stages` that carry a tag of every group in `tags`, and one of the
    `areas`, and a price-range tag that overlaps `price`; whatever is empty asks for nothing.

    A stage is one of the 13 (`Stage`) or a label of the account that stands for none of them.
    `quiet` asks for so many days or more without a touchpoint, `sent_closed` for a referral of
    theirs that closed in that year; both need more of the world than a contact.
    """

    stages: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    areas: tuple[str, ...] = ()
    price: PriceRange | None = None
    quiet: int = 0
    sent_closed: int = 0

    def __str__(self) -> str:
        """The definition in the words that the agent confirms."""
        parts = (
            [f"stage {' or '.join(map(_quoted, map(stage_label, self.stages)))}"]
            if self.stages
            else []
        )
        parts += [f"tagged {' or '.join(map(_quoted, group))}" for group in self.tags]
        parts += [f"area {' or '.join(map(_quoted, self.areas))}"] if self.areas else []
        parts += [f"price {self.price}"] if self.price else []
        parts += [f"no touchpoint in {self.quiet} days or more"] if self.quiet else []
        parts += [f"sent a referral that closed in {self.sent_closed}"] if self.sent_closed else []
        return "; ".join(parts)

    @property
    def every_tag(self) -> tuple[str, ...]:
        """All tags it names."""
        return tuple(tag for group in self.tags for tag in group) + self.areas

    def document(self) -> dict[str, object]:
        """The definition for programs."""
        return {
            "stages": list(map(stage_label, self.stages)),
            "tags": [list(group) for group in self.tags],
            "areas": list(self.areas),
            "price": str(self.price) if self.price else "",
            "quiet_days": self.quiet,
            "sent_closed": self.sent_closed,
            "words": str(self),
        }

    @property
    def needs(self) -> frozenset[Source]:
        """What must be known whole beside the contacts for it to be answered."""
        touches = {Source.TASKS, Source.PERSONAL_NOTES} if self.quiet else set()
        return frozenset(touches | ({Source.SHEET} if self.sent_closed else set()))

    def matcher(self) -> Callable[[Contact], bool]:
        """Whether a contact belongs to it by what stands in the record, as a function that is quick
        for many.
        """
        stages = frozenset(self.stages)
        labels = frozenset(folded(stage) for stage in self.stages if not isinstance(stage, Stage))
        groups = [_any_of(group) for group in (*self.tags, *((self.areas,) if self.areas else ()))]
        price = self.price

        def belongs(contact: Contact) -> bool:
            if stages and contact.stage not in stages and folded(contact.stage_label) not in labels:
                return False
            if not all(carried(contact.tags) for carried in groups):
                return False
            return price is None or any(
                (found := price_range.of_tag(tag)) and found.overlaps(price) for tag in contact.tags
            )

        return belongs


def _any_of(group: Iterable[str]) -> Callable[[Iterable[str]], bool]:
    """Whether one of some tags is in *group*: in any case, and a price range however its tag is
    spelled.
    """
    names = frozenset(map(folded, group))
    prices = frozenset(found for tag in group if (found := price_range.of_tag(tag)))
    return lambda tags: any(
        folded(tag) in names or (bool(prices) and price_range.of_tag(tag) in prices) for tag in tags
    )


def stage_label(stage: str) -> str:
    """A stage as the procedure names it, or the account's label."""
    return STAGE_LABELS[stage] if isinstance(stage, Stage) else stage


def parse(
    names: StageNames,
    *,
    stages: Iterable[str] = (),
    tags: Iterable[str] = (),
    areas: Iterable[str] = (),
    price: str = "",
    quiet: int = 0,
    sent_closed: int = 0,
) -> Segment:
    """The segment that was typed: each of *stages*, *tags* and *areas* is one name, or several with
    "or" between them.

    Raises:
        Unclear: with everything that is wrong, or because it asks for nothing at all.
    """
    problems: list[str] = []
    found_stages = tuple(
        dict.fromkeys(_stage(names, item, problems) for text in stages for item in _items(text))
    )
    groups = tuple(dict.fromkeys(group for text in tags if (group := _tags(text, problems))))
    found_areas = tuple(dict.fromkeys(tag for text in areas for tag in _tags(text, problems)))
    found_price = price_range.parsed(price) if price.strip() else None
    if price.strip() and found_price is None:
        problems.append(
            f"{one_line(price)!r} is no price range; write 400-500K, 400000-500000, 500K+ or one"
            " price"
        )
    problems += [f"{quiet} days without a touchpoint: name a number from 1 on"] if quiet < 0 else []
    problems += (
        [f"{sent_closed} is no year"]
        if sent_closed and not date.min.year < sent_closed < date.max.year
        else []
    )
    if not problems and not (found_stages or groups or found_areas or found_price or sent_closed):
        problems.append("name at least one stage or tag: a list of everybody is no segment")
    if problems:
        raise Unclear(problems)
    return Segment(
        stages=found_stages,
        tags=groups,
        areas=found_areas,
        price=found_price,
        quiet=quiet,
        sent_closed=sent_closed,
    )


def parse_cells(names: StageNames, *, stages: str, tags: str) -> Segment:
    """The segment of two cells: stages, of which one will do; tags between commas, of which every
    one is asked for.

    Raises:
        Unclear: as `parse` does.
    """
    return parse(names, stages=_between(stages), tags=_between(tags))


def _between(cell: str) -> list[str]:
    return [part for part in _BETWEEN.split(cell) if part.strip()]


def _items(text: str) -> list[str]:
    """The names in *text*; one in double quotes is taken as it stands."""
    return [name for found in _ITEM.finditer(text) if (name := (found[1] or found[2]).strip())]


def _quoted(name: str) -> str:
    return f'"{name}"' if _OR.search(name) else name


def _stage(names: StageNames, text: str, problems: list[str]) -> str:
    try:
        found = names.meaning(one_line(text))
    except Unclear as wrong:
        problems += wrong.problems
        return ""
    if found is Stage.DO_NOT_CONTACT or found in names.canonical.get(Stage.DO_NOT_CONTACT, ()):
        problems.append("Do Not Contact is in no list (DB-37)")
    if folded(found) == TRASH:
        problems.append("who is in the Trash is in no list: name another stage")
    return found


def _tags(text: str, problems: list[str]) -> tuple[str, ...]:
    if "," in text:
        problems.append(
            f'the tag {one_line(text)!r} has a comma, which the CRM reads as "or": name each tag by'
            " itself"
        )
        return ()
    found = tuple(dict.fromkeys(map(one_line, _items(text))))
    problems += [
        f"the tag {tag[:30]!r}… has {len(tag)} characters; a tag has at most {LONGEST_TAG}"
        for tag in found
        if len(tag) > LONGEST_TAG
    ]
    if not found:
        problems.append("a tag is empty")
    return found
