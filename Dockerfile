# À Vous in a container: docker build -t avous . && docker run -p 8080:8080 -v avous:/data avous
# Stage one installs exactly what requirements-image.lock names (every extra of a server) and the wheel of this tree; stage two has neither
# compiler nor build tools.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
WORKDIR /src
RUN python -m venv /opt/avous && python -m venv /opt/build
COPY requirements-image.lock requirements-build.lock ./
RUN /opt/avous/bin/pip install --require-hashes -r requirements-image.lock \
 && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md ./
COPY server server
COPY kiosk kiosk
COPY staff_app staff_app
COPY simulation simulation
COPY avous avous
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/avous/bin/pip install --no-deps --no-index /wheels/*.whl \
 && /opt/avous/bin/python -m compileall -q /opt/avous

FROM python:3.11-slim
LABEL org.opencontainers.image.title="À Vous"
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin avous \
 && install -d -o avous -g avous -m 0750 /data
COPY --from=build /opt/avous /opt/avous
ENV PATH="/opt/avous/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    AVOUS_HOST=0.0.0.0 \
    AVOUS_PORT=8080 \
    AVOUS_DATABASE=sqlite:////data/avous.db
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
USER 10001
# exec form and no shell: SIGTERM reaches the server, which closes sockets with 1012 and finishes its commits
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"AVOUS_PORT\"]}/ready', timeout=2)"]
ENTRYPOINT ["avous"]
CMD ["serve"]
