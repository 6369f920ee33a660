# The coalition's server (docs/server.md). TLS is the work of the proxy before it (compose.yaml).
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/*.whl)[serve,postgresql]" \
    && rm -r /wheels \
    && useradd --system --uid 10001 --no-create-home sisterport \
    && install -d -o sisterport -m 700 /ledger /head /footprints /transfer
USER sisterport
WORKDIR /ledger
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SISTERPORT_DATABASE=/ledger/network.db \
    SISTERPORT_LEDGER=/ledger/network.db
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/ready', timeout=4)"]
ENTRYPOINT ["sisterport"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
