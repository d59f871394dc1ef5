"""The pages: the sandbox's CRM and Sheet in a browser, as the person who is chosen sees them.

`frame` has what every page shares, `crm` and `sheet` are the two services, `charts` draws, `site`
lists the addresses. They are no copies of the real screens:
- Nobody signs in; the choice of a person is believed.
- A contact, a note or a deal cannot be edited (`/person/crm` does that).
- Rows cannot be inserted, sorted, moved or protected in the Sheet (`/person/sheet` does that).
- A tab shows its first 100 columns and the first four lines of each cell, without formats, colours,
  merges, filters or notes.
- A chart shows 200 points of a column, bar, line, area or pie chart; any other kind is drawn as
  columns.
"""
