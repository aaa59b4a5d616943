"""Deadlines grow with a slow machine, never shrink, and not without end."""

import time

from qlab.checkkit.patience import Calibration, Patience


def test_a_fast_machine_is_given_no_less() -> None:
    assert Patience(0.1).seconds(5) == Patience(1).seconds(5) == 10


def test_a_slow_one_is_given_more_up_to_a_point() -> None:
    assert Patience(3).seconds(5) == 30
    assert Patience(1e9).seconds(1) == 40


def test_a_deadline_lies_ahead() -> None:
    assert 9 < Patience().deadline(5) - time.monotonic() <= 10


def test_the_measurement_does_not_count_the_time_until_somebody_asks() -> None:
    calibration = Calibration()
    calibration._process.wait()  # it is done; whoever asks was busy with something else
    began = time.monotonic()
    while time.monotonic() - began < 1.5:
        pass
    assert calibration.patience().factor * 0.12 < time.monotonic() - calibration._began - 1.4
