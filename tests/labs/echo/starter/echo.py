"""Say every id back. TODO: print ready, then one event for each line of stdin."""
