# The API of supajobs, or a worker: `docker run … supajobs work`. Settings come as environment.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/supajobs
COPY requirements-build.lock requirements-production.lock ./
RUN /opt/supajobs/bin/pip install --no-deps --no-build-isolation --require-hashes \
    --requirement requirements-build.lock
# One of the packages is source only. Built with what is there, nothing comes in without a hash.
RUN /opt/supajobs/bin/pip install --no-deps --no-build-isolation --require-hashes \
    --requirement requirements-production.lock
COPY LICENSE README.md pyproject.toml ./
COPY src src
COPY supabase/migrations supabase/migrations
COPY supabase/schemas supabase/schemas
RUN /opt/supajobs/bin/pip install --no-deps --no-build-isolation . && /opt/supajobs/bin/pip check
RUN /opt/supajobs/bin/pip uninstall --yes \
    hatchling pathspec pluggy setuptools tomlkit trove-classifiers pip

FROM python:3.13-slim
# What jobs of projects fetch repositories with.
RUN apt-get update && apt-get install --yes --no-install-recommends \
    ca-certificates git && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/supajobs /opt/supajobs
# Job types of your own: COPY them here and name them in JOB_MODULES.
WORKDIR /srv
ENV PATH=/opt/supajobs/bin:$PATH HOST=0.0.0.0 PORT=8000
# Nobody: supajobs writes no files. A number, so that platforms can tell that it is not root.
USER 65534:65534
EXPOSE 8000
# For a worker: METRICS_PORT=8000. It then answers there, too.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]
CMD ["supajobs", "api"]
