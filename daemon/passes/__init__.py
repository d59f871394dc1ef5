"""One pass: observe, decide, plan, guard, apply, record."""
