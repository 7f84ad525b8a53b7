"""Compares this server with others on the same data, one after the other on the same machine: `territoires bench`.

- `peer`: what a server is to the comparison; `ours`, `others`: the servers; `known`: all of them.
- `processes`: starts one, times it until it answers, weighs and stops it; `answers`: whether two say the same.
- `questions`: classes of queries and the mix of them; `loads`: what `wrk` puts on a server.
- `measuring`: the course of a comparison; `comparing`: what comes of it; `report`, `chart`: how it is shown.
"""
