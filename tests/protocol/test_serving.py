"""`territoires serve` takes a free port only, and one Ctrl-C in its terminal ends it with all its processes."""

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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups of this kind")
@pytest.mark.parametrize("attempt", range(3))
def test_ctrl_c_ends_the_server(file: Path, attempt: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # A terminal sends the signal to every process of the group.
    with subprocess.Popen(command(port, file), stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            for _ in range(300):
                try:
                    answers_health(f"http://127.0.0.1:{port}")
                    break
                except OSError:
                    time.sleep(0.1)
            os.killpg(server.pid, signal.SIGINT)
            assert server.wait(20) in {0, 130}
        finally:
            server.kill()
    time.sleep(1)
    left = [args for _, args in running_processes().values() if str(file.parent) in args]
    assert left == []
