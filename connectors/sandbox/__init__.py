"""The sandbox: Follow Up Boss v1 and Google Sheets v4 over HTTP on loopback, with a brokerage.

One folder for each service: `routes` takes requests, `errors` has the service's own words, and
`by_hand` does what only a person can do. The state is in `followupboss/account` and `sheets/grid`.
`pages` shows both to a browser; `server`, `gate` and `faults` belong to neither.
"""
