"""Collections that are started by what serves: what was asked for, and the process that does it."""
