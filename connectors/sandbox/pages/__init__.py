"""The pages: the sandbox's CRM and Sheet as a person sees them, for whoever is chosen to be looking.

`frame` is what every page shares, `crm` and `sheet` are the two services, `charts` draws, `site` lists the addresses.
"""
