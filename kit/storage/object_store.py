"""The store of `kit.storage.store` on an S3 server."""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Self

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from kit.storage.store import NotKept, StoreAway, checked

_PART_SIZE = 8 * 1024 * 1024
"""Bytes sent or asked for at once. S3 takes parts of 5 MiB at least, and ten thousand of them."""


class ObjectStore:
    """A bucket of an S3 server, under a prefix of ours.

    An upload that is killed leaves parts that no list shows: give the bucket a rule that ends uploads of more than a
    day (`AbortIncompleteMultipartUpload`).
    """

    def __init__(self, bucket: S3Store) -> None:
        self._bucket = bucket

    @classmethod
    def at(cls, address: str, *, endpoint: str, region: str, key: str, secret: str) -> Self:
        """Opens the one at "s3://bucket/prefix". Raises StoreAway when that is no address."""
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        with _server(""):
            return cls(
                S3Store(
                    bucket,
                    prefix=prefix or None,
                    region=region,
                    endpoint=endpoint or None,
                    access_key_id=key,
                    secret_access_key=secret,
                    client_options={"allow_http": endpoint.startswith("http://"), "connect_timeout": "5s"},
                    retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
                )
            )

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """See Store."""
        with _server(name):
            obstore.put(
                self._bucket, checked(name), iter(pieces), use_multipart=True, chunk_size=_PART_SIZE, max_concurrency=1
            )

    def get(self, name: str) -> Iterator[bytes]:
        """See Store. Fetched part by part: a stream of the whole would arrive faster than it is read."""
        with _server(name):
            size = obstore.head(self._bucket, checked(name))["size"]
        for start in range(0, size, _PART_SIZE):
            with _server(name):
                part = obstore.get_range(self._bucket, name, start=start, end=min(start + _PART_SIZE, size))
            yield bytes(part)

    def delete(self, name: str) -> None:
        """See Store."""
        with _server(name), contextlib.suppress(NotKept, FileNotFoundError):
            obstore.delete(self._bucket, checked(name))

    def names(self, before: datetime) -> Iterator[str]:
        """See Store."""
        with _server(""):
            for page in obstore.list(self._bucket):
                yield from (file["path"] for file in page if file["last_modified"] < before and _is_ours(file["path"]))


@contextlib.contextmanager
def _server(name: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotFoundError):
        raise NotKept(name) from None
    except (BaseError, PermissionError) as error:
        raise StoreAway(reason=(str(error).splitlines() or ["?"])[0][:200]) from None


def _is_ours(name: str) -> bool:
    try:
        return bool(checked(name))
    except ValueError:
        return False
