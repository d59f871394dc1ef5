"""The sandbox: Follow Up Boss v1 and Google Sheets v4 over real HTTP on loopback, with a synthetic
brokerage in them.

One folder per service, split alike: `routes` (HTTP in and out), `state` (the world and its rules),
`errors` (the service's own words). `faults` and `server` are about neither service.
"""
