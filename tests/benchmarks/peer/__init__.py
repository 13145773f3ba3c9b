"""What tests/benchmarks/peers.py measures: a file a peer, each trained in a process of its own."""
