"""Google Sheets v4, as far as Steward and gspread's everyday calls need it, with its refusals."""
