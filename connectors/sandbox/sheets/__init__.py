"""Google Sheets v4, as far as Steward and gspread's everyday calls need it, with its refusals.

Not served, with a 501 that names it:
- the batchUpdate requests that `messages.txt` lists as unserved;
- creating a spreadsheet with cells in it;
- Drive v3, except files and permissions.

Simpler than the service:
- Formulas are HYPERLINK and arithmetic on literals, so nothing is ever recalculated. Any other
  formula is `#NAME?`, also where the service says `#ERROR!`.
- The only locale is en_US.
- Times (`12:30`) and dates in words (`Jan 5, 2020`) stay text when typed.
- A filter hides and sorts nothing.
- The only quota is 60 reads and 60 writes a minute for each user.
- Chart specs, pivot tables, filter criteria, gradient rules and themes are kept unread.
- Data validation binds people only, not the API.

Neither Google's documents nor the recordings tell two things, so they are assumed: a row's metadata
stays at its grid position when people sort (`Book.metadata_follows_sort` turns that around), and
editing a range that somebody else protected is a 400.
"""
