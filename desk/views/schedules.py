"""The schedules of what runs by itself."""

from datetime import datetime

from domain.values import Value


class ScheduleView(Value):
    """A schedule, and when it runs next."""

    id: str
    paused: bool
    next: tuple[datetime, ...]


class SchedulesView(Value):
    """Every schedule."""

    schedules: tuple[ScheduleView, ...]
