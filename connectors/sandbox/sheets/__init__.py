"""Google Sheets v4, as far as Steward and gspread's everyday calls need it, with its refusals.

Not served: the batchUpdate requests that `messages.txt` lists as unserved, creating a spreadsheet
with cells in it, and Drive v3 but for files and permissions (501, named); formulas but for
HYPERLINK and arithmetic on literals (`#NAME?`, also where the service says `#ERROR!`), so nothing
is ever recalculated; locales other than en_US; times (`12:30`) and dates in words (`Jan 5, 2020`),
which stay text when typed; what a filter hides or sorts; any quota but the 60 reads and 60 writes a
user has each minute. Kept without a look inside: chart specs, pivot tables, filter criteria,
gradient rules, themes. Data validation binds people only, not the API.

Assumed, because neither Google's documents nor the recordings say: metadata of a row stays at its
grid position when people sort (`Book.metadata_follows_sort` is the other side), and editing what
somebody else protected is a 400.
"""
