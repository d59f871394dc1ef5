"""Follow Up Boss, API v1.

`api` sends requests, `decoding` reads the JSON of the answers into `records`, `wire` translates
those into the model. `reader` and `client` are the two halves of the CRM port; `mark` puts
Steward's key into the name of a task.
"""
