"""Tables of records by id, in id order, with indexes of the records that share a value."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from typing import Any

Record = dict[str, Any]
Values = Callable[[Record], Iterable[Hashable]]


class Table(MutableMapping[int, Record]):
    """One collection. *indexes* give the values that a record is filed under.

    A record put again is filed again; one changed in place is not.
    """

    def __init__(self, indexes: Mapping[str, Values]) -> None:
        self.ids: list[int] = []
        """Every id, ascending."""
        self._records: dict[int, Record] = {}
        self._indexes = indexes
        self._filed: dict[tuple[str, Hashable], set[int]] = {}

    def having(self, index: str, value: Hashable) -> AbstractSet[int]:
        """The ids filed under this value."""
        return self._filed.get((index, value), frozenset())

    def __getitem__(self, number: int) -> Record:
        return self._records[number]

    def __setitem__(self, number: int, record: Record) -> None:
        if number in self._records:
            self._unfile(number)
        elif self.ids and number < self.ids[-1]:
            insort(self.ids, number)
        else:
            self.ids.append(number)
        self._records[number] = record
        for place in self._places(record):
            self._filed.setdefault(place, set()).add(number)

    def __delitem__(self, number: int) -> None:
        self._unfile(number)
        del self._records[number]
        del self.ids[bisect_left(self.ids, number)]

    def __iter__(self) -> Iterator[int]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def _places(self, record: Record) -> Iterator[tuple[str, Hashable]]:
        for name, values in self._indexes.items():
            for value in values(record):
                yield name, value

    def _unfile(self, number: int) -> None:
        for place in self._places(self._records[number]):
            self._filed.get(place, set()).discard(number)
