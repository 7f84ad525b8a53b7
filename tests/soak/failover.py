"""Two servers behind nginx that share nothing, one of them killed under load: `python -m tests.soak.failover`.

An Oxigraph server holds the graph; wrk asks nginx all the time. After a third of the time one front is killed with all
its processes, after two thirds another one stands in its place. Prints what failed, and what was under way at most.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.remotes import oxigraph

from territoires.bench.processes import Running, family, free_port, running

_CONNECTIONS: Final = 16
_SETTLES: Final = 20
"""Seconds for what new fronts make beside the requests: the search index, the exports."""
_NGINX: Final = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.errors;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream fronts {{
    server 127.0.0.1:{one} max_fails=1 fail_timeout=2s;
    server 127.0.0.1:{two} max_fails=1 fail_timeout=2s;
    keepalive 32;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://fronts;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_connect_timeout 1s;
      proxy_next_upstream error timeout http_502 http_503;
    }}
  }}
}}
"""
_LUA: Final = """\
local number = 0
request = function()
  number = number + 1
  if number % 8 == 0 then return wrk.format("GET", "/doc/territory/2/ti-7614") end
  local iri = string.format("https://w3id.org/territoires-industrie/id/commune/81%03d", number % 300)
  local query = "SELECT%20*%20%7B%20%3C" .. iri .. "%3E%20%3Fp%20%3Fo%20%7D%20%23" .. number
  return wrk.format("GET", "/sparql?query=" .. query, {["Accept"] = "application/sparql-results+json"})
end
"""


@contextmanager
def _front(engine: str, port: int, folder: Path) -> Iterator[Running]:
    command = (sys.executable, "-m", "territoires", "serve", "--engine", engine, "--port", str(port), "--no-log")
    # The queries differ by a comment: the server behind must answer each of them.
    asked = {"TERRITOIRES_ANSWER_CACHE": "0"}
    with running(f"front-{port}", command, f"http://127.0.0.1:{port}/sparql", cwd=folder, environ=asked) as front:
        yield front


def _kill(front: Running) -> None:
    for pid in family(front.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def failover(seconds: int) -> tuple[int, int, int, str]:
    """Return the number of requests, of failed ones, of those that nginx put to the other front, and what wrk says."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="failover-", dir="/var/tmp")))
        folder.chmod(0o755)  # nginx drops its rights
        remote = stack.enter_context(oxigraph(folder))
        publish = [sys.executable, "-m", "territoires", "publish", "--engine", remote.engine]
        subprocess.run(publish, check=True)
        one, two, port = free_port(), free_port(), free_port()
        first = stack.enter_context(_front(remote.engine, one, folder))
        stack.enter_context(_front(remote.engine, two, folder))
        config = folder / "nginx.conf"
        config.write_text(_NGINX.format(folder=folder, one=one, two=two, port=port), encoding="utf-8")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        url = f"http://127.0.0.1:{port}"
        command = (program, "-c", str(config), "-e", str(folder / "nginx.errors"))
        stack.enter_context(running("nginx", command, f"{url}/sparql", cwd=folder))
        script = folder / "ask.lua"
        script.write_text(_LUA, encoding="utf-8")
        options = ["-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", str(script), url]
        time.sleep(_SETTLES)
        with subprocess.Popen(["wrk", *options], stdout=subprocess.PIPE, text=True) as load:
            time.sleep(seconds / 3)
            _kill(first)
            time.sleep(seconds / 3)
            stack.enter_context(_front(remote.engine, one, folder))
            said, _ = load.communicate()
        noted = (folder / "nginx.errors").read_text(encoding="utf-8")
        return (
            *_counted(said),
            len(re.findall("while (?:connecting to|reading response header from) upstream", noted)),
            said,
        )


def _counted(said: str) -> tuple[int, int]:
    total = re.search(r"(\d+) requests in", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failed = (int(wrong[1]) if wrong else 0) + (sum(map(int, sockets.groups())) if sockets else 0)
    return int(total[1]) if total else 0, failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    requests, failed, moved, said = failover(parser.parse_args().seconds)
    sys.stdout.write(said)
    sys.stdout.write(
        f"{requests} requests, {failed} failed; at most {_CONNECTIONS} were under way when one front was killed, "
        f"and nginx put {moved} to the other one\n"
    )
    sys.exit(0 if requests and moved and failed <= _CONNECTIONS else 1)
