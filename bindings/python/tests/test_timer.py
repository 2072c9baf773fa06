import time
import weakref

import pytest
from conftest import collect, until
from qnet import QObject, QTcpSocket, QTimer


def test_properties():
    timer = QTimer(singleShot=True, interval=5, objectName="tick")
    assert (timer.interval(), timer.isSingleShot(), timer.isActive(), timer.objectName()) == (5, True, False, "tick")
    timer.start(7)
    assert timer.isActive() and timer.interval() == 7 and repr(timer) == "<qnet.QTimer 'tick' 7 ms, active>"
    timer.stop()
    assert not timer.isActive()
    with pytest.raises(OverflowError):
        timer.start(1 << 40)


def test_negative_intervals(messages):
    timer = QTimer(interval=5)
    timer.setInterval(-1)
    timer.start(-1)
    assert timer.interval() == 5 and not timer.isActive() and len(messages) == 2
    messages.clear()


def test_repeating_and_never_early():
    timer, times = QTimer(), []
    timer.timeout.connect(lambda: times.append(time.monotonic()))
    begin = time.monotonic()
    timer.start(5)
    until(lambda: len(times) >= 3)
    timer.stop()
    assert times[0] - begin >= 0.005 and timer.interval() == 5


def test_single_shot_timer():
    timer, calls = QTimer(singleShot=True), []
    timer.timeout.connect(lambda: calls.append(timer.isActive()))
    timer.start(0)
    until(lambda: calls)
    assert calls == [False]


def test_single_shot_function():
    calls = []
    QTimer.singleShot(0, lambda: calls.append(1))
    QTimer.singleShot(2, QObject(), lambda: calls.append("never: the context is gone"))
    context = QObject()
    QTimer.singleShot(3, context, lambda: calls.append(2))
    gone = QTcpSocket()
    QTimer.singleShot(1, gone.abort)
    gone.delete()
    until(lambda: 2 in calls)
    assert calls == [1, 2]
    for wrong in ((), (5,), (5, print), (context, 5), (1, 2, 3)):
        with pytest.raises(TypeError):
            QTimer.singleShot(1, *wrong)


def test_single_shot_negative(messages):
    QTimer.singleShot(-1, print)
    assert len(messages) == 1
    messages.clear()


def test_delete_in_timeout():
    timer, calls = QTimer(), []
    timer.timeout.connect(timer.delete)
    timer.timeout.connect(lambda: calls.append("after"))
    timer.destroyed.connect(lambda: calls.append("destroyed"))
    timer.start(0)
    until(lambda: calls)
    assert calls == ["destroyed"] and not timer.isAlive()
    with pytest.raises(RuntimeError):
        timer.start()
    with pytest.raises(RuntimeError):
        timer.interval()


def test_delete_later():
    timer, calls = QTimer(), []
    timer.destroyed.connect(lambda: calls.append(1))
    timer.deleteLater()
    timer.deleteLater()
    assert timer.isAlive()
    until(lambda: calls)
    assert calls == [1]


def test_remaining_time():
    timer = QTimer(interval=50_000)
    assert timer.remainingTime() == -1
    timer.start()
    assert 40_000 < timer.remainingTime() <= 50_000
    timer.stop()
    assert timer.remainingTime() == -1


def test_single_shot_of_a_context_that_is_gone_keeps_nothing():
    class Thing:
        pass

    context, thing = QObject(), Thing()
    reference = weakref.ref(thing)
    context.delete()
    with pytest.raises(RuntimeError):
        QTimer.singleShot(10**6, context, lambda thing=thing: None)
    del thing
    collect()
    assert reference() is None
