import time

import pytest


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    if hasattr(time, "tzset"):
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
