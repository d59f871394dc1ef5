"""Named switches for the behavior that the facts leave open (their items marked [U]).

The first value is the default. `steward sandbox --switches` prints this list; `--switch name=value`
chooses another value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Switch(NamedTuple):
    """One open question: the answers the real service might give, and the section of the facts."""

    name: str
    values: tuple[str, ...]
    about: str
    facts: str


SWITCHES: tuple[Switch, ...] = (
    Switch("limit_above_100", ("clamp", "400"), "a list with limit above 100", "3.1"),
    Switch(
        "offset_cursor_ceiling",
        ("none", "2000"),
        "whether the cursor of a sort other than id ends at 2000, as offset does",
        "3.1",
    ),
    Switch(
        "unknown_name_in_fields", ("400", "ignored"), "a name in fields= that no person has", "1.5"
    ),
    Switch(
        "list_id",
        ("ignored", "smartListId"),
        "whether listId is another name of smartListId",
        "4.1",
    ),
    Switch(
        "edge_of_after",
        ("inclusive", "exclusive"),
        "whether createdAfter, updatedBefore and so on take in the second itself",
        "3.3",
    ),
    Switch(
        "list_lag",
        ("none", "5s"),
        "whether lists show a record at once or some seconds after it was created",
        "9",
    ),
    Switch("bearer_with_api_key", ("401", "403"), "an API key sent as Bearer", "11.1"),
    Switch("not_yours", ("404", "403"), "a record that exists and the key may not see", "11.4"),
    Switch(
        "assigned_tasks",
        ("visible", "hidden"),
        "whether an agent sees a task of theirs on a contact that is not theirs",
        "1.1",
    ),
    Switch(
        "fresh_contact",
        ("readable", "403", "404"),
        "a contact in the first five seconds after it was created",
        "4.4",
    ),
    Switch(
        "agents_stages", ("403", "allowed"), "an agent's key that makes or changes a stage", "7.2"
    ),
    Switch(
        "deduplicate_by",
        ("email-or-phone", "email-or-phone-and-name"),
        "what deduplicate=true takes for the same contact",
        "4.8",
    ),
    Switch(
        "source_on_put",
        ("400", "ignored"),
        "source, sourceUrl, createdAt or collaborators in PUT people",
        "4.5",
    ),
    Switch("stage_id_on_put", ("400", "ignored", "applied"), "stageId in PUT people", "4.5"),
    Switch(
        "guessed_flags",
        ("recorded", "int", "bool"),
        "the types of delayed, isLandline, isOnboardingNumber",
        "4.2",
    ),
    Switch(
        "unset_custom", ("null", "absent"), "a custom field without a value, under allFields", "7.1"
    ),
    Switch(
        "dropdown_outside_choices",
        ("400", "accepted"),
        "a value that is none of a dropdown's choices",
        "7.1",
    ),
    Switch("yearless_dates", ("400", "accepted"), "MM-DD in a recurring date field", "7.1"),
    Switch(
        "person_deal",
        ("newest", "oldest"),
        "which of several deals a person's dealName, dealStage, … tell of",
        "4.2",
    ),
    Switch(
        "touch_moves_updated",
        ("no", "yes"),
        "whether a logged call, text or e-mail moves the contact's `updated`",
        "4.3",
    ),
    Switch(
        "other_touches",
        ("no", "yes"),
        "whether notes, appointments and completed tasks count as lastCommunication",
        "6.7",
    ),
    Switch("due_offset", ("dropped", "honoured"), "an offset in dueDateTime", "5"),
    Switch(
        "due_on_put",
        ("applied", "ignored", "400"),
        "dueDate, dueDateTime and remindSecondsBefore in PUT tasks",
        "5",
    ),
    Switch(
        "due_today",
        ("user", "utc"),
        "whose midnight due=today means: the key's user's, or Greenwich's",
        "12.7",
    ),
    Switch("calls_by_user", ("ignored", "works"), "the filter userId on calls", "6.2"),
    Switch(
        "delete_person",
        ("gone", "trash"),
        "whether a contact that is deleted is gone or in Trash",
        "4.6",
    ),
    Switch(
        "created_after_on_deals",
        ("ignored", "works"),
        "createdAfter and createdBefore on deals, which have only `createdAt`",
        "7.3",
    ),
    Switch(
        "merge_repoints",
        ("all", "none"),
        "whether a merge moves the loser's tasks, deals, notes and calls to the winner",
        "4.7",
    ),
    Switch(
        "merge_tags", ("joined", "kept"), "whether a merge gives the winner the loser's tags", "4.7"
    ),
    Switch(
        "merged_loser",
        ("emptied", "whole"),
        "whether the loser in Trash loses the e-mails, phones and addresses that moved",
        "4.7",
    ),
    Switch(
        "bounced_status",
        ("Bounced", "Invalid", "Valid"),
        "the status of an e-mail address after a hard bounce",
        "9",
    ),
    Switch(
        "unsubscribed_status",
        ("Unsubscribed", "Valid"),
        "the status of an e-mail address after an opt-out",
        "9",
    ),
)


def settled(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every switch with its value: the chosen one, or the default.

    Raises ValueError, with the names that exist, for an unknown switch or value.
    """
    known = {switch.name: switch for switch in SWITCHES}
    for name, value in chosen.items():
        if name not in known:
            raise ValueError(f"the sandbox has no switch {name!r}; it has {', '.join(known)}")
        if value not in known[name].values:
            possible = " or ".join(known[name].values)
            raise ValueError(f"the switch {name} cannot be {value!r}; it can be {possible}")
    return {switch.name: chosen.get(switch.name, switch.values[0]) for switch in SWITCHES}
