"""The client of a kernel: when it takes the kernel for ready."""

import asyncio
from queue import Empty

import pytest

from ge_analysis.runner.kernels import PromptClient


def status(state, asked):
    return {"content": {"execution_state": state}, "parent_header": {"msg_id": asked}}


class Scripted(PromptClient):
    """A client whose kernel says what a script holds; an end of the script ends the kernel."""

    def hear(self, *outputs):
        self.asked, self.outputs = 0, list(outputs)
        asyncio.run(self.wait_for_ready(60))

    def kernel_info(self, reply=False):
        self.asked += 1
        return f"info-{self.asked}"

    async def get_shell_msg(self, timeout):
        return {"msg_type": "kernel_info_reply"}

    async def get_iopub_msg(self, timeout):
        said = self.outputs.pop(0)
        if said is None:
            raise Empty
        return said

    async def is_alive(self):
        return bool(self.outputs)


def test_messages_after_idle_are_ignored():
    client = Scripted()
    client.hear(status("starting", None), status("busy", "info-1"), status("idle", "info-1"), status("busy", "later"))
    assert client.asked == 1 and client.outputs == [status("busy", "later")]


def test_a_kernel_without_outputs_yet_is_asked_again():
    client = Scripted()
    client.hear(None, status("idle", "info-1"), status("idle", "info-2"))
    assert client.asked == 2 and not client.outputs


def test_a_kernel_that_died_is_an_error():
    with pytest.raises(RuntimeError, match="died"):
        Scripted().hear(None)
