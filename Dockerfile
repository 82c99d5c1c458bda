# The bot over Socket Mode: it opens no port, and connects to Slack and AWS. docs/deploy.md says how to run it.
#
#   docker build --tag pullcheck .
#   docker run --read-only --volume pullcheck:/data --env SLACK_BOT_TOKEN --env SLACK_APP_TOKEN --env AWS_REGION pullcheck
#   docker run --rm --env AWS_REGION … pullcheck cluster/service

# By its digest, so that two builds have the same base. docs/deploy.md says how to take a newer one.
ARG PYTHON_IMAGE=python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
COPY requirements.txt .
# --require-hashes: exactly what was locked, or nothing.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary=:all: \
       --requirement requirements.txt \
    && rm -rf /venv/lib/python3.13/site-packages/pip*

FROM ${PYTHON_IMAGE}
# tini passes signals on and reaps; ECS can do the same with initProcessEnabled, and both together do no harm.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home pullcheck
COPY --from=build /venv /venv
WORKDIR /app
COPY manifest.json ./
COPY bot ./bot
COPY diagnostics ./diagnostics
COPY handlers ./handlers
RUN /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash bot diagnostics handlers
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PULLCHECK_DATABASE=/data/pullcheck.sqlite3 \
    PULLCHECK_HEALTH_FILE=/data/healthy \
    PULLCHECK_LOG_FORMAT=json \
    TMPDIR=/data
VOLUME ["/data"]
# By its number, so that Kubernetes and others can tell that it is not root.
USER 10001
# The bot stops taking work, finishes what runs within 20 seconds, and tells those whose work it cannot finish.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "bot.healthy"]
# As the installed command: `bot` unless told otherwise.
ENTRYPOINT ["/usr/bin/tini", "--", "python", "-m", "bot.command"]
CMD ["bot"]
