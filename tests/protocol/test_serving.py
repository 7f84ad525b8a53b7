"""`territoires serve` takes a free port only, serves what was judged, and ends with all its processes at one Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import answers_health, running_processes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.ttl"
    path.write_text("<urn:s> <urn:p> 1 .\n", encoding="utf-8")
    return path


def command(port: int, file: Path) -> list[str]:
    serve = [sys.executable, "-m", "territoires", "serve", "--no-log", "--port", str(port)]
    return [*serve, "--data", str(file), "--no-check"]


def test_a_port_in_use_is_refused(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(command(port, file), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "--port" in done.stderr
    assert "(Ctrl-C" not in done.stderr


def wait(port: int) -> None:
    for _ in range(300):
        try:
            answers_health(f"http://127.0.0.1:{port}")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not answer")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the port is free while the graph is being loaded")
def test_of_two_servers_that_start_at_once_one_gets_the_port(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    servers = [subprocess.Popen(command(port, file), stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        wait(port)
        ended = [server.poll() for server in servers]
        assert sorted(ended, key=str) == [1, None]
    finally:
        for server in servers:
            server.terminate()
            server.wait(20)


SHAPE = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ; sh:property [ sh:path <urn:p> ; sh:maxCount 1 ] .
"""


@pytest.mark.parametrize(("text", "said"), [("<urn:s> <urn:p> 1 , 2 .", "urn:s"), ("<urn:s> <urn:p>", "a.ttl:1")])
def test_what_is_not_valid_is_not_served(tmp_path: Path, text: str, said: str) -> None:
    for name, content in {"data/a.ttl": text, "ontology/t.ttl": "", "shapes/S.ttl": SHAPE}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    serve = [sys.executable, "-m", "territoires", "--root", str(tmp_path), "serve", "--port", str(port)]
    done = subprocess.run(serve, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "(Ctrl-C" not in done.stderr


def test_serving_imports_nothing_that_its_start_can_do_without() -> None:
    modules = "territoires.cli.serving, territoires.engine.supervisor, territoires.web"
    needless = {"rdflib", "oxrdflib", "pyshacl", "pyld", "urllib3", "babel"}
    code = f"import sys, {modules}; print(*{needless} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups of this kind")
@pytest.mark.parametrize("attempt", range(3))
def test_ctrl_c_ends_the_server(file: Path, attempt: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # A terminal sends the signal to every process of the group.
    with subprocess.Popen(command(port, file), stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            wait(port)
            os.killpg(server.pid, signal.SIGINT)
            assert server.wait(20) in {0, 130}
        finally:
            server.kill()
    time.sleep(1)
    left = [args for _, args in running_processes().values() if str(file.parent) in args]
    assert left == []
