"""A referral fee as people typed it into the tab `Referral Fees`, read once for the fees policy and
the quarterly report (RF-15, RF-37 … RF-41).

Steward writes none of these cells and computes no fee from a percentage (X-21).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policies.facts.referral_log import day_in
from policies.values.choices import ON_FILE, says_yes
from policies.values.numbers import amount, dollars
from policies.world.sheet import Row

TAB = "Referral Fees"


@dataclass(frozen=True, slots=True)
class Fee:
    """One row of the tab; `row` is None for a referral that has no row yet."""

    row: Row | None

    def text(self, column: str) -> str:
        """A cell as text; "" where nothing stands."""
        return self.row.text(column) if self.row else ""

    def number(self, column: str) -> float | None:
        """A cell as a number, with or without a dollar or percent sign; None where no number
        stands.
        """
        return amount(self.row.cells.get(column)) if self.row else None

    @property
    def on_file(self) -> bool:
        """Whether `Agreement On File` says yes, in any of the words people use for it."""
        return says_yes(self.text("Agreement On File"), ON_FILE)

    # -- for the policy ----------------------------------------------------------------------------

    @property
    def lacking(self) -> tuple[str, ...]:
        """Columns of the agreement that are still empty (RF-37)."""
        found = [] if self.on_file else ["Agreement On File"]
        if not (self.number("Fee %") or self.number("Fee Amount")):
            found.append("Fee % or Fee Amount")
        found += [column for column in ("Agreement Date", "Brokerage") if not self.text(column)]
        return tuple(found)

    @property
    def differs(self) -> str:
        """The two cells of the fee that do not agree, with both values as people typed them; ""
        where all agree (RF-49).
        """
        return self._amounts_differ or self._payee_differs or self._paid_without_agreement

    @property
    def _amounts_differ(self) -> str:
        pairs = [("Amount Due", "Amount Paid"), ("Fee Amount", "Amount Due")]
        if self.number("Amount Due") is None:
            pairs = [("Fee Amount", "Amount Paid")]
        for first, second in pairs:
            one, other = self.number(first), self.number(second)
            if one is not None and other is not None and one != other:
                return f"{first} is {one:,.2f}, {second} is {other:,.2f}"
        return ""

    @property
    def _payee_differs(self) -> str:
        payee, brokerage = self.text("Paid To"), self.text("Brokerage")
        if self.number("Amount Paid") is None or not payee or _plain(payee) == _plain(brokerage):
            return ""
        return f"Paid To is {payee}, the brokerage is {brokerage or 'not given'}"

    @property
    def _paid_without_agreement(self) -> str:
        paid = self.number("Amount Paid")
        if paid is None or not self.lacking:
            return ""
        return f"Amount Paid is {paid:,.2f}, and there is no agreement on file"

    @property
    def paid(self) -> bool:
        """Whether it was paid: how much and when are given."""
        return self.number("Amount Paid") is not None and bool(self.text("Paid On"))

    # -- for the quarterly report ------------------------------------------------------------------

    @property
    def agreed(self) -> bool:
        """Whether anything says that a fee was agreed on: a number typed, or the agreement."""
        return self.on_file or any(map(self.text, ("Amount Due", "Fee Amount", "Fee %")))

    @property
    def dollars_due(self) -> float | None:
        """The dollars that are owed: the figure at closing, else the one agreed on; None where no
        dollars can be read in the first of the two that is filled.
        """
        column = "Amount Due" if self.text("Amount Due") else "Fee Amount"
        return self._dollars(column)

    @property
    def dollars_paid(self) -> float | None:
        """The dollars that were paid; None where no dollars can be read."""
        return self._dollars("Amount Paid")

    @property
    def paid_on(self) -> date | None:
        """The day of the payment, where the cell holds a date."""
        return day_in(self.row, "Paid On") if self.row else None

    @property
    def paid_undated(self) -> bool:
        """Whether dollars were paid on no day that can be read."""
        return self.paid_on is None and bool(self.dollars_paid)

    def pending_at(self, day: date) -> bool:
        """Whether it was owed and not paid at the end of *day*: owed is an agreed fee whose
        referral has closed.
        """
        closed_on = day_in(self.row, "Closed On") if self.row else None
        if not self.agreed or self.paid_undated or closed_on is None or closed_on > day:
            return False
        return self.paid_on is None or self.paid_on > day

    def _dollars(self, column: str) -> float | None:
        return dollars(self.row.cells.get(column)) if self.row else None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
