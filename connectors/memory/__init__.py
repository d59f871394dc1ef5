"""MemoryCrm, MemorySheet and MemoryNotifier: the smallest classes that keep the ports' contracts.

The tests of policies, plan and apply use them, and the conformance suite holds them to the same
promises as the clients that speak HTTP. Their `fates` make the next writes fail as a service might.
"""

from connectors.memory.crm import MemoryCrm
from connectors.memory.notifier import MemoryNotifier
from connectors.memory.sheet import MemorySheet

__all__ = ["MemoryCrm", "MemoryNotifier", "MemorySheet"]
