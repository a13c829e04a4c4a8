"""Reasons of the operating system for refusing something, in words that the catalogue knows."""

import errno

_TEXTS: dict[int, str] = {
    errno.ENOENT: "No such file or directory",
    errno.EEXIST: "File exists",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
    errno.EISDIR: "Is a directory",
    errno.ENOTDIR: "Not a directory",
    errno.ENOTEMPTY: "Directory not empty",
    errno.ENOSPC: "No space left on device",
    errno.EDQUOT: "Disk quota exceeded",
    errno.EROFS: "Read-only file system",
    errno.ENAMETOOLONG: "File name too long",
    errno.ELOOP: "Too many levels of symbolic links",
    errno.EMFILE: "Too many open files",
    errno.EIO: "Input/output error",
    errno.ECONNREFUSED: "Connection refused",
    errno.ETIMEDOUT: "Connection timed out",
}
"""The usual reasons. Most systems word them so, and so they are in the catalogue whichever system gives them."""


def reason(error: Exception) -> str:
    """The reason of an error: a message of the catalogue, or the system's own words for what is not usual."""
    if not isinstance(error, OSError):
        return type(error).__name__
    return _TEXTS.get(error.errno or 0) or error.strerror or type(error).__name__
