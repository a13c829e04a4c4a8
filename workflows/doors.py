"""The wrappers round every Update of a case: an unexpected exception in a handler would block the case for ever.

A refusal travels as an ApplicationError that carries the problem. Any other exception is our bug: it fails that one
Update, is logged, and leaves the case as it was and open to the next.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, CancelledError, FailureError

with workflow.unsafe.imports_passed_through():
    from domain.errors import Problem

REFUSED, BUG, AWAY = "Refused", "Bug", "Away"

H = TypeVar("H", bound=Callable[..., Awaitable[Any]])


def refusal(problem: Problem) -> ApplicationError:
    """Wraps a refusal in the form in which it reaches the caller."""
    return ApplicationError(problem.code, problem.as_dict(), type=REFUSED, non_retryable=True)


def bug() -> ApplicationError:
    """Makes the error that the caller gets when the mistake is ours. The details are in the log."""
    return ApplicationError("internal error", type=BUG, non_retryable=True)


def cause_of(error: BaseException) -> ApplicationError | None:
    """The application error at the bottom of a failed activity, if there is one."""
    while error.__cause__ is not None and not isinstance(error, ApplicationError):
        error = error.__cause__
    return error if isinstance(error, ApplicationError) else None


def guarded(handler: H) -> H:
    """Turns every exception of an Update handler into a failure of that Update alone."""

    @functools.wraps(handler)
    async def guard(*args: Any, **kwargs: Any) -> Any:
        try:
            return await handler(*args, **kwargs)
        except Problem as problem:
            raise refusal(problem) from None
        except FailureError as error:
            if isinstance(error, CancelledError):
                raise
            raise cause_of(error) or bug() from None
        except Exception:  # noqa: BLE001 - nothing may block a case
            workflow.logger.exception("an update handler failed")
            raise bug() from None

    return guard  # type: ignore[return-value]


def checked(check: Callable[..., None]) -> Callable[..., None]:
    """Turns every exception of a validator into a refusal, which leaves no trace in the history."""

    @functools.wraps(check)
    def guard(*args: Any, **kwargs: Any) -> None:
        try:
            check(*args, **kwargs)
        except Problem as problem:
            raise refusal(problem) from None
        except ApplicationError:
            raise
        except Exception:  # noqa: BLE001 - nothing may block a case
            workflow.logger.exception("an update validator failed")
            raise bug() from None

    return guard
