# The service and the application that ships with it. Build: docker build -t orchestrator .
# It needs a Postgres (DATABASE_URL) and an admin key (ORCHESTRATOR_ADMIN_KEY); docker-compose.yml has both.

FROM python:3.13-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# What compiles the fast path of sound; it stays in this stage.
RUN apt-get -qq update && apt-get -qq install --no-install-recommends gcc libc6-dev
COPY requirements.lock ./
RUN python -m venv /opt/orchestrator \
    && /opt/orchestrator/bin/pip install --require-hashes -r requirements.lock
COPY LICENSE README.md pyproject.toml hatch_build.py ./
COPY migrations migrations
COPY orchestrator orchestrator
RUN /opt/orchestrator/bin/pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/orchestrator orchestrator
COPY --from=build /opt/orchestrator /opt/orchestrator
WORKDIR /srv/orchestrator
COPY agents agents
COPY tools tools
ENV PATH=/opt/orchestrator/bin:$PATH \
    PYTHONPATH=/srv/orchestrator \
    PYTHONUNBUFFERED=1 \
    ORCHESTRATOR_HOST=0.0.0.0 \
    ORCHESTRATOR_PORT=8000 \
    ORCHESTRATOR_DATA_DIR=/var/lib/orchestrator/data \
    ORCHESTRATOR_LOG_FORMAT=json
USER orchestrator
VOLUME /var/lib/orchestrator
EXPOSE 8000/tcp 8000/udp
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["orchestrator"]
CMD ["serve"]
