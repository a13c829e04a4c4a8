# One image for the worker, the desk, the pages and the migrations. The embedded engine and the development tools stay
# out of it: in production the engine is a service of its own (docker-compose.yml).

FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/opt/venv
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /build
# The lock alone first: dependencies are installed again only when it changes.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    ABOUTIR_HTTP_HOST=0.0.0.0 \
    ABOUTIR_HTTP_PORT=8080
RUN groupadd --gid 10001 aboutir \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin aboutir \
    && install --directory --mode 700 --owner 10001 --group 10001 /files /var/lib/aboutir \
    && install --directory --mode 750 --owner 10001 --group 10001 /run/aboutir
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Nobody can write here later: without this every process would compile everything again as it starts.
RUN python -m compileall -q .
# By number, so that an orchestrator can check that it is not root. Everything in the image belongs to root.
USER 10001:10001
EXPOSE 8080
# urlopen raises on 503, and the check fails.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['ABOUTIR_HTTP_PORT'] + '/readyz', timeout=4)"]
CMD ["python", "worker.py"]
