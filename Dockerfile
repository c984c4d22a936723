# The production image: Debian 13, Python 3.13 and TFX 1.21, whose ml-metadata and TFDV wheels need glibc 2.39.
#
#   docker build --tag coldcast .
#   docker run --rm --volume coldcast:/home/coldcast/work coldcast run --config default
#   docker run --rm --volume coldcast:/home/coldcast/work --publish 8500:8500 coldcast serve --set serving.host=0.0.0.0
#
# The environment is one layer that changes with uv.lock only; the project's own code is another of a few hundred KB.

FROM debian:13-slim AS dependencies
# g++ and the headers are for the few packages that come as source only.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates g++ python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
ENV UV_PYTHON=/usr/bin/python3.13 \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/opt/coldcast \
    UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-install-project

FROM dependencies AS project
COPY README.md LICENSE ./
COPY components ./components
COPY configs ./configs
COPY experiments ./experiments
COPY files ./files
COPY logs ./logs
COPY models ./models
COPY pipeline ./pipeline
COPY serving ./serving
COPY simulation ./simulation
COPY transforms ./transforms
RUN /opt/uv/bin/uv build --wheel --out-dir /dist

FROM debian:13-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 coldcast \
    && install --directory --owner=coldcast --group=coldcast /home/coldcast/work
COPY --from=dependencies /opt/coldcast /opt/coldcast
RUN --mount=type=bind,from=project,source=/dist,target=/dist \
    /opt/coldcast/bin/python -m pip install --no-cache-dir --no-deps --no-index /dist/*.whl
ENV PATH=/opt/coldcast/bin:$PATH
USER coldcast
WORKDIR /home/coldcast
ENTRYPOINT ["coldcast"]
CMD ["--help"]
