"""Compares this server with others on the same data, one after the other on the same machine: `territoires bench`."""
