"""Health of the pages, for whoever runs them: alive while they answer, ready while the desk does."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from counter.place import is_ready as is_desk_ready

router = APIRouter()


@router.get("/livez")
async def live() -> JSONResponse:
    """Answers as long as the loop turns."""
    return JSONResponse({"pages": True})


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """True if the desk answers, and all that it needs."""
    is_ready = await asyncio.to_thread(is_desk_ready, request.app.state.settings.desk_socket)
    return JSONResponse({"desk": is_ready}, 200 if is_ready else 503)
