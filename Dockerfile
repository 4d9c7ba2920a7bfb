# Two images: `functions` (every function and job; FUNCTION_TARGET says which) and `web`.
#
#     make images
#
# Packages are the locks' wheels, checked against their hashes; nothing is compiled from source. What
# only a build needs (pip, the weights of the embedding model, onnx) stays in the first stages.
# Decisions and sizes: docs/adr/0014-images.md.
ARG BASE_IMAGE=python:3.11-slim-bookworm

# The packages of requirements.lock. Where the network has a package index or a certificate authority
# of its own, they come as secrets, mounted for one command and stored nowhere:
#     --secret id=pip,src=pip.conf --secret id=ca,src=ca-certificates.crt
FROM ${BASE_IMAGE} AS packages
ENV LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONHASHSEED=0 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
RUN apt-get update -qq && apt-get install -qq --no-install-recommends binutils >/dev/null
RUN python3 -m venv /opt/pip && python3 -m venv --without-pip /opt/lectern
COPY images/install images/install
COPY requirements.lock ./
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    images/install requirements.lock

# The offline embedder, made once; containers only read it.
FROM packages AS model
COPY lectern/__init__.py lectern/errors.py lectern/settings.py lectern/
COPY lectern/models/ lectern/models/
RUN /opt/lectern/bin/python -m lectern.models.build

# The package itself, as its wheel has it.
FROM packages AS package
COPY pyproject.toml README.md LICENSE ./
COPY lectern/ lectern/
COPY functions/ functions/
COPY web/ web/
RUN /opt/pip/bin/python -m pip --python /opt/lectern/bin/python install \
        --quiet --no-deps --no-build-isolation --no-compile --target /app . \
    && /opt/lectern/bin/python -m compileall -q --invalidation-mode unchecked-hash /app

FROM packages AS functions-packages
COPY images/slim.py images/slim.py
RUN /opt/lectern/bin/python images/slim.py functions

FROM packages AS web-packages
COPY requirements-web.lock ./
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    images/install requirements-web.lock
COPY images/slim.py images/slim.py
RUN /opt/lectern/bin/python images/slim.py web

# What both images have in common: user 10001, and /tmp as the only place to write.
FROM ${BASE_IMAGE} AS runtime
COPY images/bare /usr/local/sbin/bare
RUN bare && rm /usr/local/sbin/bare
ENV HOME=/tmp LECTERN_HOME=/tmp/lectern LC_ALL=C.UTF-8 \
    PATH=/app/bin:/opt/lectern/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
LABEL org.opencontainers.image.licenses="AGPL-3.0-only" \
    org.opencontainers.image.vendor="Lectern"

FROM runtime AS web
COPY --from=web-packages /opt/lectern /opt/lectern
COPY --from=package /app/lectern lectern
COPY --from=package /app/web web
ENV LECTERN_WEB_HOST=0.0.0.0 LECTERN_WEB_PORT=8501
USER 10001:10001
EXPOSE 8501
CMD ["python", "-m", "web"]
ARG VERSION=dev
ARG REVISION=
LABEL org.opencontainers.image.title="Lectern web" \
    org.opencontainers.image.description="The web UI of Lectern" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"

FROM runtime AS functions
# Languages of OCR as Debian names them for Tesseract; empty: no OCR in this image.
ARG OCR_LANGUAGES="eng kor"
COPY images/ocr /usr/local/sbin/ocr
RUN ocr ${OCR_LANGUAGES} && rm /usr/local/sbin/ocr
COPY --from=functions-packages /opt/lectern /opt/lectern
COPY --from=model /opt/lectern/share/lectern /opt/lectern/share/lectern
COPY --from=package /app/bin bin
COPY --from=package /app/lectern lectern
COPY --from=package /app/functions functions
ENV PORT=8080
USER 10001:10001
EXPOSE 8080
CMD ["functions-framework"]
ARG VERSION=dev
ARG REVISION=
LABEL org.opencontainers.image.title="Lectern functions" \
    org.opencontainers.image.description="Every function and job of Lectern; FUNCTION_TARGET and FUNCTION_SOURCE say which" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
