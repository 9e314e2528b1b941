"""The only objects of the window that touch pskd: they turn callbacks of other threads into queued signals."""
