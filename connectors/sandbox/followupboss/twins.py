"""People that the account already has, by email address or phone number (facts, section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.followupboss.errors import Refusal
from connectors.sandbox.followupboss.kinds import digits
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record


def duplicate(account: Storage, query: Mapping[str, str]) -> Record:
    """The answer of people/checkDuplicate. Raises Refusal without an email and a phone."""
    email, phone = query.get("email", "").casefold(), digits(query.get("phone", ""))
    if not email and not phone:
        raise Refusal(400, "email or phone must be specified.")
    by, person = next(iter(_reached(account, {email} - {""}, {phone} - {""})), (None, {}))
    return {
        "found": by is not None,
        "matchedBy": by,
        "id": person.get("id"),
        "assignedTo": person.get("assignedTo"),
        "assignedUserId": person.get("assignedUserId"),
    }


def twin(account: Storage, body: Record) -> Record | None:
    """The contact that a POST with deduplicate=true answers with instead of making one."""
    emails = {text.casefold() for text in _texts(body, "emails") if text}
    phones = {digits(text) for text in _texts(body, "phones")} - {""}
    name_counts = account.switches["deduplicate_by"] == "email-or-phone-and-name"
    name = (body.get("firstName"), body.get("lastName"))
    for by, person in _reached(account, emails, phones):
        same_name = (person.get("firstName"), person.get("lastName")) == name
        if by == "email" or same_name or not name_counts:
            return person
    return None


def _texts(body: Record, field: str) -> list[str]:
    items = [item for item in body.get(field) or () if isinstance(item, dict)]
    values = [item.get("value") for item in items]
    return [value for value in values if isinstance(value, str)]


def _reached(account: Storage, emails: set[str], phones: set[str]) -> list[tuple[str, Record]]:
    """People with one of these emails or phones, and by which of the two.

    The whole account is searched, whatever the key may see.
    """
    found = []
    for person in account.tables["people"].values():
        if emails & {email["value"].casefold() for email in person.get("emails", ())}:
            found.append(("email", person))
        elif phones & {phone.get("normalized") or "" for phone in person.get("phones", ())}:
            found.append(("phone", person))
    return found
