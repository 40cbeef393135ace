"""Whether the system can do its work: for process watchers, load balancers, metrics, logs and whoever mends it."""
