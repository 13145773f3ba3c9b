import errno
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import here, step, write

from trainer.errors import RunError
from trainer.events import (
    Event,
    Failed,
    to_json,
)
from trainer.run import (
    EventLog,
    EventReader,
    Run,
    status,
)
from trainer.run_log import events_backwards


def test_what_is_logged_is_polled_once(run: Run) -> None:
    log, reader = EventLog(run), EventReader(run)
    assert reader.poll() == []
    log.append(here())
    log.append(step(1))
    assert reader.poll() == [here(), step(1)]
    assert reader.poll() == []
    log.append(step(2))
    assert reader.poll() == [step(2)]
    assert EventReader(run).poll() == [here(), step(1), step(2)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_log_that_arrives_in_pieces(run: Run, data: st.DataObject) -> None:
    events: list[Event] = [here(), step(1), Failed(2, 1.0, "Zu groß: Σ ≠ β\nund mehr."), step(3)]
    content = "".join(to_json(event) + "\n" for event in events).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    run.events_path.write_bytes(b"")
    reader, told = EventReader(run), []
    for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        with run.events_path.open("ab") as file:
            file.write(content[begin:end])
        told += reader.poll()
    assert told == events


def test_damaged_lines_are_left_out(run: Run) -> None:
    write(run, here())
    with run.events_path.open("ab") as file:
        file.write(b'{"event": "step", "step"\n\xff\xfe\x00garbage\n\n{"event": "from the future"}\n')
    write(run, step(1))
    assert EventReader(run).poll() == [here(), step(1)]
    assert status(run) == "running"


def test_half_a_line_of_a_killed_worker_does_not_spoil_the_next(run: Run) -> None:
    write(run, here(), step(1))
    with run.events_path.open("ab") as file:
        file.write(to_json(step(2)).encode()[:40])
    reader = EventReader(run)
    assert reader.poll() == [here(), step(1)]
    log = EventLog(run)
    log.append(here(1, continued=True))
    log.append(step(3))
    assert reader.poll() == [here(1, continued=True), step(3)]
    assert run.events_path.read_bytes().count(b"\n") == 5


def test_zeros_that_a_power_cut_leaves_are_no_event(run: Run) -> None:
    write(run, here(), step(1))
    reader = EventReader(run)
    with run.events_path.open("ab") as file:
        file.write(bytes(3 * 2**20))
    assert reader.poll() == [here(), step(1)]
    log = EventLog(run)
    log.append(here(1, continued=True))
    log.append(step(2))
    assert reader.poll() == [here(1, continued=True), step(2)]
    assert EventReader(run).poll() == [here(), step(1), here(1, continued=True), step(2)]
    assert list(events_backwards(run)) == [step(2), here(1, continued=True), step(1), here()]


def test_a_log_that_was_replaced_is_read_from_its_beginning(run: Run) -> None:
    write(run, here(), step(1), step(2))
    reader = EventReader(run)
    reader.poll()
    run.events_path.unlink()
    assert reader.poll() == []
    write(run, here())
    assert reader.poll() == [here()]


def test_a_disk_that_refuses_the_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog(run)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(RunError, match="events of the run run cannot be written, because the disk is full"):
            log.append(step(1))
    log.append(step(2))
    assert EventReader(run).poll() == [step(2)]
