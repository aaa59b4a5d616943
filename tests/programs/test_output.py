"""Whatever a program writes, in whatever pieces, costs little and is told apart: events, log text, and how much there was."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlab.programs.output import KEPT_LINES, MAX_LINE, MAX_LINES, Output


@contextmanager
def reading() -> Iterator[tuple[Output, io.FileIO, io.FileIO]]:
    """An output, and the ends a program would write to."""
    out_reader, out_writer = os.pipe()
    err_reader, err_writer = os.pipe()
    output = Output(out_reader, err_reader)
    with io.FileIO(out_writer, "wb") as out, io.FileIO(err_writer, "wb") as err:
        yield output, out, err
    ended(output)


def ended(output: Output) -> None:
    """Wait until the reader has seen the end of both streams."""
    with output.changed:
        assert output.changed.wait_for(lambda: output.closed, 30)


def heard(pieces: list[bytes]) -> Output:
    """What is taken in of a program that writes these pieces and ends."""
    with reading() as (output, out, _):
        for piece in pieces:
            rest = piece
            while rest:
                rest = rest[out.write(rest) :]
    return output


@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode), cuts=st.lists(st.integers(0, 400)))
@settings(max_examples=60, deadline=None)
def test_however_the_bytes_are_cut_the_lines_are_the_same(data: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    output = heard([data[a:b] for a, b in pairwise(edges)])
    whole = data.split(b"\n")
    whole = whole if whole[-1] else whole[:-1]
    assert [line.text for line in output.lines] == [line.decode(errors="replace").rstrip("\r") for line in whole]
    assert output.bytes == len(data)


@pytest.mark.parametrize("more", [0, 1, 10, 65_536])
@pytest.mark.parametrize("piece", [4_096, 65_536, 65_535])
def test_of_a_line_without_end_the_head_is_shown_however_it_was_cut(more: int, piece: int) -> None:
    data = b"x" * (MAX_LINE + more) + b"\nnext\n"
    output = heard([data[at : at + piece] for at in range(0, len(data), piece)])
    assert [len(line.text) for line in output.lines] == [MAX_LINE, 4]


@pytest.mark.parametrize(
    ("line", "is_event"),
    [
        ('{"event": "done", "id": 1}', True),
        ('{"event": "done", "nested": ' + "[" * 60 + "]" * 60 + "}", True),
        ('{"event": "done", "nested": ' + "[" * 900 + "]" * 900 + "}", False),
        ('{"event": "done", "nested": ' + "[" * 100_000 + "}", False),
        ('{"event": 7}', False),
        ('{"other": "x"}', False),
        ('["event"]', False),
        (' {"event": "x"}', False),
        ('{"event": "x"} trailing', False),
        ('{"event": "x", "n": ' + "9" * 5_000 + "}", False),
        ('{"event": "x", "n": NaN}', True),
    ],
)
def test_an_event_is_an_object_on_a_line_with_a_name(line: str, is_event: bool) -> None:
    output = heard([line.encode() + b"\n"])
    assert bool(output.events()) is is_event
    assert len(output.lines) == (not is_event)


def test_events_on_stderr_are_log_text() -> None:
    with reading() as (output, _, err):
        err.write(b'{"event": "done"}\n')
    assert output.events() == []
    assert [(line.stream, line.text) for line in output.lines] == [("err", '{"event": "done"}')]


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are() -> None:
    output = heard([b'{"event": "x", "name": "caf\xe9"}\n\xff\xfe\n'])
    assert output.not_utf8
    assert output.events("x")[0]["name"] == "caf\ufffd"


def test_of_many_lines_the_first_and_the_last_are_kept() -> None:
    count = 3 * KEPT_LINES
    output = heard([b"".join(b"%d\n" % n for n in range(count))])
    kept = [int(line.text) for line in output.lines]
    assert kept == [*range(KEPT_LINES), *range(count - KEPT_LINES, count)]
    assert output.lines_dropped == count - 2 * KEPT_LINES


def test_a_gigabyte_costs_neither_memory_nor_time() -> None:
    code = """
import os, resource, subprocess, sys
from qlab.programs.output import Output
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
program = subprocess.Popen([sys.executable, "-c", "import os\\nfor _ in range(16384): os.write(1, b'y\\\\n' * 32768)"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
output = Output(os.dup(program.stdout.fileno()), os.dup(program.stderr.fileno()))
program.stdout.close(); program.stderr.close(); program.wait()
with output.changed: output.changed.wait_for(lambda: output.closed, 60)
assert output.flooded and output.bytes == 1 << 30, output.bytes
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100
    assert time.monotonic() - began < 30


def test_a_flood_of_events_is_cut_off() -> None:
    line = json.dumps({"event": "spam", "n": 1}).encode() + b"\n"
    with reading() as (output, out, _):
        sent = 0
        block = line * 2_000
        while sent < len(line) * MAX_LINES:
            sent += out.write(block)
        with output.changed:
            assert output.changed.wait_for(lambda: output.flooded, 30)
    assert len(output.said) == MAX_LINES


def test_settling_takes_in_what_was_written_and_does_not_wait_for_who_holds_the_pipe() -> None:
    with reading() as (output, out, _):
        out.write(b"last words\n")
        began = time.monotonic()
        output.settle(20)
        assert [line.text for line in output.lines] == ["last words"]
        assert time.monotonic() - began < 10


def test_settling_ends_though_a_background_process_never_stops_writing() -> None:
    with reading() as (output, out, _):
        stop = threading.Event()

        def babble() -> None:
            while not stop.is_set():
                out.write(b"bla\n" * 1_000)

        thread = threading.Thread(target=babble)
        thread.start()
        began = time.monotonic()
        try:
            output.settle(60)
            assert time.monotonic() - began < 30
        finally:
            stop.set()
            thread.join()


def test_no_descriptor_stays_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        heard([b"x\n"])
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
