"""The shell: the only place that wires, waits and writes."""
