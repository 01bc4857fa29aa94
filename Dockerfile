# One image for `serve` and `collect`.
FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /fettle
COPY requirements.txt .
RUN python -m venv /venv && uv pip install --python /venv/bin/python --require-hashes --compile-bytecode --no-cache -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 fettle && mkdir /data && chown fettle /data
COPY --from=build /venv /venv
WORKDIR /fettle
COPY backend backend
COPY frontend frontend
COPY shared shared
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 FETTLE_STORE=file:///data/store FETTLE_CACHE=/data/cache
USER fettle
VOLUME /data
EXPOSE 8501 8502
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8502/api/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "backend"]
# Behind a proxy that signs people in: serve --host 0.0.0.0 with FETTLE_OPEN_TO_NETWORK=true.
CMD ["serve"]
