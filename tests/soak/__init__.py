"""Mixed good and hostile load on a real server for a while; see `python -m tests.soak --help`."""
