"""Google Sheets API v4 over gspread: `client` speaks to it, `wire` translates, `workbook` knows the
tabs.
"""
