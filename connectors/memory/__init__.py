"""MemoryCrm, MemorySheet and MemoryNotifier: the smallest implementations that keep the ports'
contracts.

They are real: the tests of policies, plan and apply drive them, and the conformance suite holds
them to the same promises as the clients that speak HTTP. `refuse` and `lose` make the next write
fail as a service might.
"""

from connectors.memory.crm import MemoryCrm
from connectors.memory.notifier import MemoryNotifier
from connectors.memory.sheet import MemorySheet

__all__ = ["MemoryCrm", "MemoryNotifier", "MemorySheet"]
