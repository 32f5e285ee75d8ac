"""Starts one Postgres program as the right user and ties its life to ours; run as a script of its own.

A separate, single-threaded process does this, because neither step is safe between a fork and an exec of a
process with threads: a user namespace refuses a process with threads, and code run there may deadlock.

Usage: `postgres_launcher.py IDENTITY GUARD PARENT [PROGRAM ARGUMENT ...]`

- `IDENTITY`: `same`; `namespace`, which shows root to the program as nobody and needs no file to change its
  owner; or `UID:GID`. Postgres refuses to run as root.
- `GUARD`: `signal` asks the kernel for SIGINT, the signal for an orderly and prompt shutdown, when the thread
  that started us ends (Linux); `pipe` stays as the program's parent and sends it SIGINT when standard input
  closes, which happens however our parent ends.
- `PARENT`: process id of the parent, to notice that it ended before the guard was in place.

Without a program it only tries the identity, and its exit status tells the outcome.

It imports nothing of ours, so that it starts in a few milliseconds.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534


def enter_namespace() -> None:
    """Enter a user namespace in which our user is nobody (user_namespaces(7))."""
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare") or libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit(f"no user namespace: {os.strerror(ctypes.get_errno())}")
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    except OSError as error:
        sys.exit(f"no user namespace: {error}")


def become(user: int, group: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def die_with(parent: int) -> None:
    """Have the kernel interrupt us when our parent ends (prctl(2)); a change of user would undo it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        sys.exit("the parent ended first")


def run_until_input_closes(command: list[str]) -> int:
    """Run a program, interrupt it when our standard input closes, and return its exit status.

    Signals to our process group are for the program; we end when it has.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: None)  # unlike SIG_IGN, this is not handed on to the program
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def interrupt_at_end_of_input() -> None:
        while os.read(0, 1):
            pass
        child.send_signal(signal.SIGINT)

    threading.Thread(target=interrupt_at_end_of_input, daemon=True).start()
    return child.wait()


def main(arguments: list[str]) -> int:
    """Do what the module says; it returns where the guard is `pipe`, or where there is no program to run."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    identity, guard, parent, *command = arguments
    if identity == "namespace":
        enter_namespace()
    elif identity != "same":
        user, _, group = identity.partition(":")
        become(int(user), int(group))
    if not command:
        return 0
    if guard == "signal":
        die_with(int(parent))
        os.execv(command[0], command)  # noqa: S606 - no shell is what we want
    return run_until_input_closes(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
