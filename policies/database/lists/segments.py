"""Segments: stages, tags and a price range as one value (DB-36).

Lists, counts, lints and reports share it. A segment is parsed from a person's words, and reads in
words that a person confirms. A stage or tag that does not exist, or cannot be meant, is an error
that names it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from policies.facts import price_range
from policies.facts.price_range import PriceRange
from policies.facts.taxonomy import LONGEST_TAG
from policies.values.names import folded, one_line
from policies.world.model import STAGE_LABELS, Contact, Source, Stage

TRASH = "trash"
"""The CRM's own stage of records that people threw away."""
_OR = re.compile(r"\s+or\s+|\s*\|\s*", re.I)
_ITEM = re.compile(r'\s*(?:"([^"]+)"|(.+?))\s*(?:\s+or\s+|\||$)', re.I | re.S)
_BETWEEN = re.compile(r"[,;\n]+")


class Unclear(ValueError):
    """The typed words define no segment; `problems` lists everything wrong, a sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class StageNames:
    """The account's stages: all `labels`, and the labels that mean each of the 13 (DB-16)."""

    labels: tuple[str, ...] = tuple(STAGE_LABELS.values())
    canonical: Mapping[Stage, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(
            {stage: (label,) for stage, label in STAGE_LABELS.items()}
        )
    )

    def labels_of(self, stage: str) -> tuple[str, ...]:
        """Return the account's own labels for a canonical stage or a label, as it spells them."""
        names = self.canonical.get(stage, ()) if isinstance(stage, Stage) else (stage,)
        wanted = set(map(folded, names))
        return tuple(label for label in self.labels if folded(label) in wanted)

    def meaning(self, text: str) -> str:
        """Return the canonical stage that *text* names, or else a label of the account.

        A canonical stage is named by its own name or by the procedure's words.

        Raises:
            Unclear: the account has no such stage.
        """
        word = folded(text)
        for stage, label in STAGE_LABELS.items():
            names = {stage.value.replace("_", " "), stage.value, label}
            if word in set(map(folded, names)) and self.labels_of(stage):
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
    """The definition of a set of contacts; an empty part asks for nothing.

    Its contacts are in one of the `stages`, and have a tag of every group in `tags`, one of the
    `areas`, and a price-range tag that overlaps `price`. A stage is one of the 13 (`Stage`), or a
    label of the account that means none of them. `quiet` is a number of days or more without a
    touchpoint, `sent_closed` the year in which a referral of theirs closed; both need more of the
    world than a contact.
    """

    stages: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    areas: tuple[str, ...] = ()
    price: PriceRange | None = None
    quiet: int = 0
    sent_closed: int = 0

    def __str__(self) -> str:
        """The definition in the words that the agent confirms."""
        return "; ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if self.stages:
            yield f"stage {_any(map(stage_label, self.stages))}"
        yield from (f"tagged {_any(group)}" for group in self.tags)
        if self.areas:
            yield f"area {_any(self.areas)}"
        if self.price:
            yield f"price {self.price}"
        if self.quiet:
            yield f"no touchpoint in {self.quiet} days or more"
        if self.sent_closed:
            yield f"sent a referral that closed in {self.sent_closed}"

    @property
    def every_tag(self) -> tuple[str, ...]:
        """All tags it names."""
        return tuple(tag for group in self.tags for tag in group) + self.areas

    def document(self) -> dict[str, object]:
        """Return the definition for programs."""
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
        """The sources that must be complete, besides the contacts, to find its contacts."""
        touches = {Source.TASKS, Source.PERSONAL_NOTES} if self.quiet else set()
        return frozenset(touches | ({Source.SHEET} if self.sent_closed else set()))

    def matcher(self) -> Callable[[Contact], bool]:
        """Return a test of whether a contact belongs to it by its record; it is fast for many."""
        stages = frozenset(self.stages)
        labels = frozenset(folded(stage) for stage in self.stages if not isinstance(stage, Stage))
        groups = [_any_of(group) for group in (*self.tags, self.areas) if group]
        price = self.price

        def belongs(contact: Contact) -> bool:
            if stages and contact.stage not in stages and folded(contact.stage_label) not in labels:
                return False
            if not all(carried(contact.tags) for carried in groups):
                return False
            return price is None or _within(price, contact.tags)

        return belongs


def _within(price: PriceRange, tags: Iterable[str]) -> bool:
    """Tell whether one of *tags* is a price range that overlaps *price*."""
    ranges = map(price_range.of_tag, tags)
    return any(found and found.overlaps(price) for found in ranges)


def _any_of(group: Iterable[str]) -> Callable[[Iterable[str]], bool]:
    """Return a test of whether one of some tags is in *group*.

    Case does not matter, nor does the spelling of a price range.
    """
    names = frozenset(map(folded, group))
    prices = frozenset(found for tag in group if (found := price_range.of_tag(tag)))
    return lambda tags: any(
        folded(tag) in names or (bool(prices) and price_range.of_tag(tag) in prices) for tag in tags
    )


def stage_label(stage: str) -> str:
    """Return a stage as the procedure names it, or the account's label."""
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
    """Parse typed words; each of *stages*, *tags* and *areas* is one name, or several with "or".

    Raises:
        Unclear: with everything that is wrong, or because it asks for nothing at all.
    """
    problems: list[str] = []
    found_stages = [_stage(names, item, problems) for text in stages for item in _items(text)]
    groups = [group for text in tags if (group := _tags(text, problems))]
    found_areas = [tag for text in areas for tag in _tags(text, problems)]
    segment = Segment(
        stages=tuple(dict.fromkeys(found_stages)),
        tags=tuple(dict.fromkeys(groups)),
        areas=tuple(dict.fromkeys(found_areas)),
        price=_price(price, problems),
        quiet=quiet,
        sent_closed=sent_closed,
    )
    problems += _wrong_numbers(quiet, sent_closed)
    if not problems and segment == Segment(quiet=quiet):
        problems.append("name at least one stage or tag: a list of everybody is no segment")
    if problems:
        raise Unclear(problems)
    return segment


def _price(text: str, problems: list[str]) -> PriceRange | None:
    if not text.strip():
        return None
    found = price_range.parsed(text)
    if found is None:
        problems.append(
            f"{one_line(text)!r} is no price range;"
            " write 400-500K, 400000-500000, 500K+ or one price"
        )
    return found


def _wrong_numbers(quiet: int, sent_closed: int) -> Iterator[str]:
    if quiet < 0:
        yield f"{quiet} days without a touchpoint: name a number from 1 on"
    if sent_closed and not date.min.year < sent_closed < date.max.year:
        yield f"{sent_closed} is no year"


def parse_cells(names: StageNames, *, stages: str, tags: str) -> Segment:
    """Parse two cells: contacts are in any of the stages, and have all of the tags.

    Both are separated by commas, semicolons or new lines.

    Raises:
        Unclear: as `parse` does.
    """
    return parse(names, stages=_between(stages), tags=_between(tags))


def _between(cell: str) -> list[str]:
    return [part for part in _BETWEEN.split(cell) if part.strip()]


def _items(text: str) -> list[str]:
    """Return the names in *text*; one in double quotes is taken literally."""
    names = [(found[1] or found[2]).strip() for found in _ITEM.finditer(text)]
    return [name for name in names if name]


def _any(names: Iterable[str]) -> str:
    return " or ".join(map(_quoted, names))


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
            f'the tag {one_line(text)!r} has a comma, which the CRM reads as "or":'
            " name each tag by itself"
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
