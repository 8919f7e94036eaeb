# One image for every process of the pipeline: `docker run lantaarn worker`. No JVM and no compiler; runs as an ordinary
# user, on a root file system that cannot be written, with /tmp in memory.
ARG PYTHON=3.11-slim-bookworm

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:${PYTHON} AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/lantaarn
WORKDIR /src
# What others made, each file with its hash, first: this layer changes only with the lock.
COPY requirements.lock ./
RUN uv venv "$VIRTUAL_ENV" && uv pip install --require-hashes --requirements requirements.lock
COPY . .
RUN uv build --wheel --build-constraints deploy/build.lock --require-hashes --out-dir /wheel \
    && uv pip install --no-deps /wheel/*.whl

FROM python:${PYTHON}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Lantaarn" \
      org.opencontainers.image.description="Early signals of arrears, matched per household as they arrive" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Folders of a new volume take their owner from here.
RUN groupadd --system --gid 10001 lantaarn \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin lantaarn \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/lantaarn
COPY --from=build /opt/lantaarn /opt/lantaarn
ENV PATH=/opt/lantaarn/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
WORKDIR /tmp
USER 10001:10001
ENTRYPOINT ["lantaarn"]
CMD ["--help"]
