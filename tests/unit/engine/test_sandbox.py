"""What a worker process cannot do."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import socket, time\nfrom territoires.engine import sandbox\n" + code],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize("act", ["open('/dev/null')", "socket.socket()"])
def test_no_file_and_no_socket_is_opened_while_a_query_runs(act: str) -> None:
    code = f"try:\n    with sandbox.evaluating(9):\n        {act}\nexcept OSError as error:\n    print(error.errno)"
    assert run(code).stdout == "24\n"  # EMFILE


def test_files_can_be_opened_afterwards() -> None:
    assert run("with sandbox.evaluating(9):\n    pass\nopen('/dev/null').close()\nprint('opened')").stdout == "opened\n"


def test_the_kernel_ends_a_query_past_its_time() -> None:
    assert run("with sandbox.evaluating(0.2):\n    time.sleep(20)").returncode == -signal.SIGALRM


def test_the_timer_is_stopped_with_the_query() -> None:
    assert run("with sandbox.evaluating(0.1):\n    pass\ntime.sleep(0.3)").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces it")
def test_memory_is_limited_to_what_was_in_use_and_the_given_more() -> None:
    code = "sandbox.confine(10**8)\nbytes(5 * 10**7)\ntry:\n    bytes(2 * 10**8)\nexcept MemoryError:\n    print('no')"
    assert run(code).stdout == "no\n"


def test_as_many_files_as_a_store_still_needs_can_be_opened_whatever_numbers_are_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from territoires.engine.sandbox import evaluating\n"
        "handles = [os.open(sys.argv[1], os.O_RDONLY) for _ in range(9)]; os.close(handles[0])\n"
        "with evaluating(60, 3):\n"
        "    [os.open(sys.argv[1], os.O_RDONLY) for _ in range(3)]\n"
        "    try:\n"
        "        [os.open(sys.argv[1], os.O_RDONLY) for _ in range(9)]\n"
        "    except OSError as error:\n"
        "        print(error.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) == errno.EMFILE
