"""Warm kernels: forked from a process that has already loaded everything the notebooks import.

`jupyter_client` finds `WarmProvisioner` by its entry point `ge-warm`; papermill and nbclient need not know about it. A process
forks its kernel in advance, while it has a single thread, and the provisioner gives the waiting fork its connection file. If
no fork is waiting, as on Windows, the provisioner starts an ordinary kernel.
"""

import math
import os
import signal
import sys
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any, cast

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ge_analysis.storage.processes import CAN_FORK, handle, signals_held

# For a kernel to answer, and for its answer to be announced on the output channel, once that is connected.
ANSWER_SECONDS, OUTPUT_SECONDS = 1, 0.2
KILL_SECONDS = 5  # for the system to end a killed kernel

_waiting: list[tuple[BaseProcess, Connection]] = []


def fork_ahead() -> None:
    """Fork the next kernel from this process, which must not have other threads yet."""
    if not CAN_FORK:
        return
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_become_kernel, args=(receiver, sender), daemon=True)
    with signals_held():
        process.start()
        _waiting.append((process, sender))
    receiver.close()
    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "ge-warm"


class PromptClient(AsyncKernelClient):
    """Is ready once the kernel has answered on both channels; the base class listens for another fifth of a second."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the kernel, as in the base class."""
        ends = monotonic() + (math.inf if timeout is None else timeout)
        while not await self._is_ready():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if monotonic() > ends:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _is_ready(self) -> bool:
        """Ask once; return False if the output channel was connected too late to hear the answer."""
        asked = self.kernel_info()
        with suppress(Empty):
            await self.get_shell_msg(timeout=ANSWER_SECONDS)
            while True:
                said = await self.get_iopub_msg(timeout=OUTPUT_SECONDS)
                if said["content"].get("execution_state") == "idle" and said["parent_header"].get("msg_id") == asked:
                    return True
        return False


class WarmProvisioner(LocalProvisioner):
    """Uses the waiting fork as kernel; starts an ordinary kernel if there is none."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel, as in the base class."""
        if not _waiting:
            return await super().launch_kernel(cmd, **kwargs)
        process, sender = _waiting.pop()
        # The command is `python -m ipykernel_launcher -f <connection file> …`; the fork needs the arguments after the module.
        sender.send((cmd[cmd.index("-f") :], kwargs["env"], kwargs.get("cwd") or Path.cwd()))
        sender.close()
        self.process = _Forked(process)  # type: ignore[assignment]  # all of Popen that the provisioner calls
        self.pid = self.pgid = process.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and wait for a fork to end, which the manager would otherwise poll ten times a second."""
        await super().kill(restart)
        if isinstance(self.process, _Forked):
            self.process.wait(KILL_SECONDS)


class _Forked:
    """A forked process with the methods of `subprocess.Popen` that the provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess):
        self._process = process
        self.pid = cast(int, process.pid)  # it has started

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int | None:
        self._process.join(seconds)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _become_kernel(receiver: Connection, sender: Connection) -> None:
    """Wait for a connection file, then run the kernel; exit if the parent ends first."""
    os.setsid()
    handle({signal.SIGTERM: signal.SIG_DFL})
    sender.close()
    try:
        arguments, environment, folder = receiver.recv()
    except EOFError:
        return
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["ipykernel_launcher", *arguments]
    _own_randomness()
    from ipykernel.kernelapp import IPKernelApp

    kernel = IPKernelApp.instance(parent_handle=os.getppid())
    try:
        kernel.initialize(arguments)
    except OSError:  # no room for its files; the parent sees that it has ended, and says so in one line
        sys.exit(1)
    kernel.start()


def _own_randomness() -> None:
    """Reseed numpy's global generator, or all forks would draw the same numbers (`random` does this itself)."""
    import numpy

    numpy.random.seed()
