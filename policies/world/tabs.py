"""The tabs of the shared Sheet: their columns, what kind of value stands in each, and who may edit
them.

The names are the public contract (interfaces, "The Sheet"). A tab added here is created by `steward
setup`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column found by its header; `wide` is its width in pixels, `note` the tool-tip on its
    header.

    `pattern` is how a date in it is shown; `choices` become a dropdown in every row, which accepts
    nothing else.
    """

    name: str
    kind: Kind = "text"
    wide: int = 120
    note: str = ""
    pattern: str = "yyyy-mm-dd"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TabSpec:
    """A tab. `guarded`: only the agent and the service account may edit it, but for the columns in
    `open_columns`.

    `people` is how many of the first columns are people's own: a tab they keep already gets
    Steward's columns to the right of theirs, where a change warns and is not refused (a protected
    column could not be sorted).
    """

    name: str
    columns: tuple[Column, ...]
    guarded: bool = False
    open_columns: tuple[str, ...] = ()
    people: int = 0

    def column(self, name: str) -> Column:
        """The column of this name; Ref for one that is not in the tab."""
        return next((column for column in self.columns if column.name == name), Column("Ref"))

    @property
    def headers(self) -> tuple[str, ...]:
        """The header row, in its first order."""
        return tuple(column.name for column in self.columns)


# Narrow enough on the left that the Decision is in sight without scrolling on a laptop.
APPROVALS = TabSpec(
    "Approvals",
    guarded=True,
    open_columns=("VA Note",),
    columns=(
        Column("Ref", wide=90, note="Steward's name for this decision. Do not change it."),
        Column("Rule", wide=60),
        Column("Client", wide=120),
        Column("What", wide=240),
        Column("Due", "date", 90, "Decide by this day."),
        Column(
            "Draft",
            wide=400,
            note="You may edit the text. Editing it after you approved it voids the approval.",
        ),
        Column(
            "Decision",
            wide=110,
            note=(
                "Only the agent decides. Blank is undecided, and undecided means nothing goes out."
            ),
        ),
        Column("Value Low", "number", 90),
        Column("Value High", "number", 90),
        Column("Change", wide=140),
        Column("Context", wide=200),
        Column("Confirmed On", "date", 100),
        Column("VA Note", wide=200, note="The VA's own column."),
        Column("Status", wide=240),
        Column("Digest", wide=90, note="Binds the decision to this exact draft."),
        Column("Decided On", wide=120),
        Column("Acted On", wide=120),
    ),
)

MISSED = TabSpec(
    "Missed",
    columns=(
        Column("Ref", wide=230),
        Column("Rule", wide=60),
        Column("Client", wide=150),
        Column("What", wide=260),
        Column("Due", "date", 90),
        Column("Reason", wide=480),
        Column("Reported On", "date", 100),
    ),
)

CHECKLISTS = TabSpec(
    "Checklists",
    columns=(
        Column("Ref", wide=230),
        Column("Rule", wide=60),
        Column("Client", wide=150),
        Column("Checklist", wide=200),
        Column("Items", wide=620, note="Computed by Steward: ☑ done, ☐ open, – does not apply."),
        Column("Open", "number", 60),
    ),
)

HANDOVER = TabSpec(
    "Handover",
    columns=(
        Column("Ref", wide=80),
        Column("Due", "date", 90),
        Column("Who", wide=120),
        Column("What", wide=420),
        Column("Client", wide=150),
        Column("Rule", wide=60),
        Column("State", wide=140, note="Written by Steward on every change; blank rows are free."),
        Column("Mark", wide=230),
    ),
)

REFERRAL_LOG = TabSpec(
    "Referral Log",
    people=6,
    columns=(
        Column("Date", "date", 90, pattern="mm/dd/yyyy"),
        Column("Referral Source", wide=180),
        Column("Referred Lead", wide=120, note="First name."),
        Column(
            "Outcome",
            wide=80,
            note="Active, Closed or Lost. Follows the CRM; what you type here stays.",
        ),
        Column("Close Date", "date", 90, pattern="mm/dd/yyyy"),
        Column("Recognition Sent", wide=180),
        Column(
            "Type",
            wide=100,
            note="Client, Sphere, Agent or Professional. What you type here stays.",
        ),
        Column("Fee Status", wide=110),
        Column("Status", wide=320, note="What Steward needs to know, if anything."),
        Column("Received", wide=130, note="From here the 48 hours count."),
        Column("Engaged On", "date", 90, pattern="mm/dd/yyyy"),
        Column("Outcome On", "date", 90, pattern="mm/dd/yyyy"),
        Column("Acknowledged", wide=180),
        Column("Recognised", wide=180),
        Column(
            "Lead",
            wide=70,
            note="The lead's contact number in the CRM: type it where Steward asks for it.",
        ),
        Column(
            "Source",
            wide=70,
            note="The source's contact number in the CRM: type it where Steward asks for it.",
        ),
        Column(
            "As Written",
            wide=120,
            note="What Steward wrote last: what differs from it is yours and stays.",
        ),
        Column("Ref", wide=90, note="Steward's name for this row. Do not change it."),
    ),
)

SOURCES = TabSpec(
    "Sources",
    columns=(
        Column("Source", wide=180),
        Column("Type", wide=100),
        Column("Referrals", "number", 90, "Received in the past year."),
        Column("Closed", "number", 70, "Of those, closed."),
        Column("Recognised", "number", 90, "Of those, recognised after closing."),
        Column("Last Referral", "date", 100, pattern="mm/dd/yyyy"),
        Column("Status", wide=240),
        Column("Ref", wide=120),
    ),
)

REFERRAL_FEES = TabSpec(
    "Referral Fees",
    columns=(
        Column("Referring Agent", wide=150),
        Column(
            "Brokerage",
            wide=150,
            note="The payee: a fee is paid to a brokerage, never to an agent.",
        ),
        Column("Contact", wide=180),
        Column("Fee %", "number", 70),
        Column("Fee Amount", "number", 100, "In dollars, as agreed."),
        Column("Agreement Date", "date", 110, pattern="mm/dd/yyyy"),
        Column("Agreement On File", wide=120, choices=("Yes", "No")),
        Column("Referred Client", wide=120, note="First name."),
        Column("Expected Close", "date", 110, pattern="mm/dd/yyyy"),
        Column("Closed On", "date", 100, pattern="mm/dd/yyyy"),
        Column(
            "License Verified",
            wide=150,
            note="Who verified the brokerage's licence, and when: before the fee is paid.",
        ),
        Column("Amount Due", "number", 100, "In dollars, as the agent gives it at closing."),
        Column("Amount Paid", "number", 100),
        Column("Paid On", "date", 100, pattern="mm/dd/yyyy"),
        Column("Paid To", wide=150),
        Column("Status", wide=320),
        Column("Lead", wide=70),
        Column("Ref", wide=120),
    ),
)

INQUIRIES = TabSpec(
    "Inquiries",
    columns=(
        Column("When", wide=130),
        Column("Source", wide=180),
        Column("How", wide=90),
        Column("What", wide=420),
        Column("Ref", wide=200),
    ),
)

LISTS = TabSpec(
    "Lists",
    people=5,
    columns=(
        Column("Stages", wide=200, note="The stages to pull; one will do. Between commas."),
        Column(
            "Tags",
            wide=240,
            note=(
                'Every tag that is asked for, between commas; "Zillow or Realtor.com" asks for one'
                " of the two."
            ),
        ),
        Column("Campaign", wide=200, note="What the list is used for; it is logged."),
        Column(
            "Purpose",
            wide=200,
            note=(
                'What kind of campaign it is, such as "seller campaign": who does not belong in it'
                " is left out."
            ),
        ),
        Column(
            "Phones", wide=70, note="Yes puts phone numbers into the list.", choices=("Yes", "No")
        ),
        Column(
            "Status",
            wide=420,
            note=(
                "What became of it. The agent confirms in Approvals; then the list is a tab of this"
                " workbook."
            ),
        ),
        Column("Count", "number", 70),
        Column("Ref", wide=90, note="Steward's name for this row. Do not change it."),
    ),
)

EXPORT_LOG = TabSpec(
    "Export Log",
    columns=(
        Column("Date", "date", 90),
        Column("Description", wide=300),
        Column("Campaign", wide=240),
        Column("Count", "number", 70),
        Column("Definition", wide=420),
        Column("Digest", wide=130, note="Two lists of the same contacts have the same."),
        Column("Ref", wide=200),
    ),
)

SUPPRESSION = TabSpec(
    "Suppression",
    guarded=True,
    columns=(
        Column("Ref", wide=220),
        Column("Kind", wide=70),
        Column("Hash", wide=480, note="Keyed: without the key it says nothing of anybody."),
        Column("Key", wide=90, note="Which key made it."),
        Column("Date", "date", 90),
    ),
)

HYGIENE_LOG = TabSpec(
    "Hygiene Log",
    columns=(
        Column("Review", wide=220),
        Column("Run On", "date", 90),
        Column("Since", "date", 90, "From here on contacts counted as new."),
        Column("Contacts", "number", 80, "How many were looked at, or changed."),
        Column("Found", wide=520),
        Column("Status", wide=200),
        Column("Ref", wide=180, note="Steward's name for this row. Do not change it."),
    ),
)

RECORD_GAPS = TabSpec(
    "Record Gaps",
    columns=(
        Column("Rule", wide=60),
        Column("Client", wide=170),
        Column("What", wide=420, note="What is missing or may need updating."),
        Column("Listed On", "date", 90),
        Column("Status", wide=140),
        Column("Ref", wide=150),
    ),
)

# Not guarded, although one decision covers their rows: it is bound to exactly the rows it was
# about.
COLD_LEADS = TabSpec(
    "Cold Leads",
    columns=(
        Column("Client", wide=170),
        Column("Group", wide=150),
        Column("Stage", wide=150),
        Column("Last Touchpoint", "date", 110),
        Column("Added", "date", 90),
        Column("Days", "number", 60, "Without a touchpoint, on the day of the audit."),
        Column("Why Silent", wide=260),
        Column("Listed On", "date", 90),
        Column(
            "Outcome", wide=180, note="The agent decides in Approvals, for the group or one by one."
        ),
        Column("Ref", wide=150),
    ),
)

PURGE = TabSpec(
    "Purge",
    columns=(
        Column("Client", wide=170),
        Column("Group", wide=170),
        Column("Reason", wide=380),
        Column("Last Touchpoint", "date", 110),
        Column("Listed On", "date", 90),
        Column(
            "Outcome", wide=220, note="The agent decides in Approvals. Steward deletes nothing."
        ),
        Column("Ref", wide=150),
    ),
)

OPEN_HOUSE = TabSpec(
    "Open House",
    people=6,
    columns=(
        Column("First Name", wide=110),
        Column("Last Name", wide=130),
        Column("Email", wide=200),
        Column("Phone", wide=120),
        Column("Address", wide=200, note="Of the open house, or the name of the event."),
        Column("Date", "date", 90, pattern="mm/dd/yyyy"),
        Column("Status", wide=420, note="What became of it, or what is still missing."),
        Column("Contact", "number", 80, "The contact's number in the CRM."),
        Column("Ref", wide=90, note="Steward's name for this row. Do not change it."),
    ),
)

DUPLICATES = TabSpec(
    "Duplicates",
    columns=(
        Column("Ref", wide=150),
        Column("Rule", wide=60),
        Column("Kind", wide=90, note="certain, review, conflict or household."),
        Column("Confidence", "number", 90, "How many of such pairs are one person, from 0 to 1."),
        Column("Contact A", wide=160),
        Column("Contact B", wide=160),
        Column("Reason", wide=380),
        Column("Keep", wide=240, note="The more complete record."),
        Column("Fill From The Other", wide=320, note="Carry this over when you merge."),
        Column("Link A", wide=120),
        Column("Link B", wide=120),
        Column("Status", wide=300),
        Column(
            "First Seen",
            wide=120,
            note=(
                "An answer in Approvals about all pairs covers those that stood here before it was"
                " given."
            ),
        ),
    ),
)

MEMORY = TabSpec(
    "Memory",
    guarded=True,
    columns=(Column("Ref", wide=260), Column("What", wide=420), Column("Date", wide=150)),
)

READ_ME = TabSpec(
    "Read me",
    columns=(Column("Ref", wide=120), Column("Value", wide=160), Column("What it is", wide=720)),
)

PAUSE = "Pause"
READ_ME_ROWS = (
    (
        PAUSE,
        "",
        (
            "Type anything into the cell to the left and Steward stops writing, to the CRM and to"
            " this Sheet, until it is empty again. Anyone may."
        ),
    ),
    (
        "Approvals",
        "",
        (
            "The agent's decisions, one row each: choose in the Decision column. Nothing goes to a"
            " client without one. Steward never sends anything itself; after an approval the VA"
            " gets a task."
        ),
    ),
    ("Missed", "", "What was due and did not happen, and why. Nothing is done late in silence."),
    (
        "Checklists",
        "",
        "What is done and what is still open, item by item, as the procedures list it.",
    ),
    (
        "Handover",
        "",
        (
            "Everything open and time-sensitive, and what comes up within a week: what whoever"
            " takes over must know."
        ),
    ),
    (
        "Referral Log",
        "",
        (
            "Every referral: who sent whom, what came of it, how the source was thanked. You may"
            " type a row yourself: date, source and first name; Steward fills in the rest. What you"
            " type or change stays."
        ),
    ),
    (
        "Referral Fees",
        "",
        (
            "Agreements with referring agents and brokerages, typed by people. Steward never writes"
            " a fee."
        ),
    ),
    (
        "Sources",
        "",
        "Who sent how many in the past year, how many closed, how many were recognised.",
    ),
    (
        "Inquiries",
        "",
        (
            "When a source got in touch while a referral of theirs was open. No status is given to"
            " them; the agent answers."
        ),
    ),
    (
        "Lists",
        "",
        (
            "Type stages, tags, a campaign and its purpose into a row, and Steward answers in"
            " Status: how many, and that the agent is asked in Approvals. Once confirmed, the list"
            " is a tab of this workbook. Delete that tab when the campaign is over."
        ),
    ),
    ("Export Log", "", "Every list that was pulled: when, what, for which campaign. No names."),
    (
        "Suppression",
        "",
        (
            "Who was removed as Do Not Contact, as keyed hashes, so that no list ever takes them in"
            " again. Please leave it."
        ),
    ),
    (
        "Open House",
        "",
        (
            "Type who signed in: name, e-mail or phone, address, date. Steward looks whether they"
            " are in the CRM, adds those who are not, and tags them. What you type stays as you"
            " typed it."
        ),
    ),
    (
        "Hygiene Log",
        "",
        (
            "Every review of the database: when it ran and what it found; and how many contacts"
            " Steward changed on which day."
        ),
    ),
    (
        "Record Gaps",
        "",
        (
            "Records that lack something every record must have, or whose details may need"
            " updating. Mend them in the CRM; the line follows."
        ),
    ),
    (
        "Cold Leads",
        "",
        (
            "Who had no touchpoint in 90 days, audit by audit. The agent decides in Approvals; the"
            " VA executes."
        ),
    ),
    (
        "Purge",
        "",
        (
            "Once a year: records that have no place in the database, each with its reason. Nothing"
            " goes without the agent."
        ),
    ),
    (
        "Duplicates",
        "",
        (
            "Contacts that may be one person, or that share an e-mail or phone. People merge, in"
            " the CRM; the VA has a task."
        ),
    ),
    (
        "Memory",
        "",
        (
            "Steward's own notes: what was acknowledged, and what people removed and want to stay"
            " removed. Please leave it as it is."
        ),
    ),
    (
        "Skip",
        "",
        'To keep Steward off one contact, give the contact the tag "Steward: skip" in the CRM.',
    ),
)

TABS: tuple[TabSpec, ...] = (
    READ_ME,
    APPROVALS,
    REFERRAL_LOG,
    REFERRAL_FEES,
    SOURCES,
    INQUIRIES,
    LISTS,
    EXPORT_LOG,
    OPEN_HOUSE,
    HYGIENE_LOG,
    RECORD_GAPS,
    DUPLICATES,
    COLD_LEADS,
    PURGE,
    CHECKLISTS,
    MISSED,
    HANDOVER,
    SUPPRESSION,
    MEMORY,
)
BY_NAME = {spec.name: spec for spec in TABS}
