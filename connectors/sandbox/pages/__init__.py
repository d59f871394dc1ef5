"""The pages: the sandbox's CRM and Sheet as a person sees them, for whoever is chosen to be
looking.

`frame` is what every page shares, `crm` and `sheet` are the two services, `charts` draws, `site`
lists the addresses.

They are no copies of the real screens. Not there: signing in (whoever is chosen is believed),
editing a contact, a note or a deal (`/person/crm` does that), and inserting, sorting, moving or
protecting in the Sheet (`/person/sheet`). A tab shows its first 100 columns, without formats,
colours, merges, filters or notes, and each cell's first four lines; a chart shows 200 points of a
column, bar, line, area or pie chart, and any other kind as columns.
"""
