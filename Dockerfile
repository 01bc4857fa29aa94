# One image for `serve` and `collect`. It needs no privileges, no writable root and no home:
#   docker run --read-only --cap-drop ALL --tmpfs /tmp --volume fettle:/data --publish 127.0.0.1:8501:8501 IMAGE \
#     serve --host 0.0.0.0                      (with FETTLE_OPEN_TO_NETWORK=true; see docs/operate.md)
# The base is pinned by tag and by the digest of its index for all platforms; renew both together.
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /fettle
COPY requirements.txt .
RUN python -m venv --without-pip /venv && uv pip install --python /venv/bin/python --require-hashes --no-cache -r requirements.txt
# What comes along and is never imported goes: tests, C++ headers, Jupyter's parts. The rest is compiled now, as nothing
# can be later.
WORKDIR /venv/lib/python3.11/site-packages
RUN find pandas numpy pyarrow ibis -type d -name tests -prune -exec rm -rf {} + \
 && find . -name '*.px[dix]' -delete && find . -name '*.pyx' -delete \
 && rm -rf pyarrow/include pyarrow/src plotly/labextension \
 && python -m compileall -q -j 0 /venv/lib

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3
RUN useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --uid 10001 fettle \
 && install --directory --owner fettle /data
COPY --from=build /venv /venv
WORKDIR /fettle
COPY backend backend
COPY frontend frontend
COPY shared shared
RUN python -m compileall -q backend frontend shared
# All that is ever written is below FETTLE_CACHE (copies of blobs, SQL, the spool of what was pushed) and a local store.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FETTLE_STORE=file:///data/store FETTLE_CACHE=/data/cache
USER 10001
VOLUME /data
EXPOSE 8501 8502
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["python", "-m", "backend.alive"]
ENTRYPOINT ["python", "-m", "backend"]
CMD ["serve"]
