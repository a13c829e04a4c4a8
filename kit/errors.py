"""Errors around a program, told to the person who runs it, with what to do about them."""

from pathlib import Path


class StackError(Exception):
    """Something the person at the keyboard can put right. Show it without a traceback.

    `code` names the error and never changes. `message` and `remedy` are English templates with {named}
    parameters taken from `params`, so that a catalogue can translate them before they are filled in.
    `str()` fills both in. `field` is the option that is wrong, if one is; `action` names what can be done here about
    it, for those who put that into words.
    """

    code: str = "stack-error"
    field: str | None = None
    action: str | None = None
    message: str
    remedy: str

    def __init__(self, **params: object) -> None:
        super().__init__()
        self.params = params

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".format(**self.params)


class Misused(StackError):
    """A file, a folder or a port that was named does not serve. Trying again does not help. `field` says which."""


class PortInUse(Misused):
    """Another program listens on the port. `option` is the command-line option that chooses it, if any."""

    code = "port-in-use"
    message = "Port {port} is already in use."
    remedy = "Stop the program that uses it, or choose another port."

    def __init__(self, port: int, option: str | None = None) -> None:
        super().__init__(port=port, option=option)
        self.field = field_of(option or "port")
        if option is not None:
            self.remedy = "Choose another with {option} N, or {option} 0 for any free one."


class PortNotAllowed(Misused):
    """The system reserves the port: those below 1024, as a rule."""

    code = "port-not-allowed"
    message = "This account may not open port {port}."
    remedy = "Choose one above 1023 with {option} N, or {option} 0 for any free one."

    def __init__(self, port: int, option: str) -> None:
        super().__init__(port=port, option=option)
        self.field = field_of(option or "port")


def field_of(option: str) -> str:
    """The name of an option as a field: --temporal-port is temporal_port."""
    return option.lstrip("-").replace("-", "_")


class FolderInUse(StackError):
    """Another process holds the data folder. `pid` is that process, when it has had time to say so."""

    code = "folder-in-use"
    field = "data"
    message = "The data folder {path} is in use by process {pid}."
    remedy = "Stop that process, or choose another folder."

    def __init__(self, path: Path, pid: int | None) -> None:
        super().__init__(path=path, pid=pid)
        if pid is None:
            self.message = "The data folder {path} is in use by another process."


class FolderUnusable(Misused):
    """The data folder cannot be created, written or locked. `reason` is the system's own words."""

    code = "folder-unusable"
    field = "data"
    message = "The data folder {path} cannot be used: {reason}."
    remedy = "Choose a folder on a local disk that this account may write to."

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path=path, reason=reason)


class ChildNotStarted(StackError):
    """The program of a child process could not be run at all. `reason` is the system's own words."""

    code = "child-not-started"
    message = "{name} could not be started: {program}: {reason}."
    remedy = "Check that the program is installed and that this account may run it."

    def __init__(self, name: str, program: str, reason: str) -> None:
        super().__init__(name=name, program=program, reason=reason)


class ChildNotReady(StackError):
    """A child process ended, or gave no sign of being ready in time, while the stack was starting."""

    code = "child-not-ready"
    message = "{name} did not become ready."
    remedy = "Its output is in {log_path}."

    def __init__(self, name: str, log_path: Path) -> None:
        super().__init__(name=name, log_path=log_path)
