# syntax=docker/dockerfile:1
# A worker's image. GPU: docker build -t semmim:gpu .      CPU and Lambda: docker build -t semmim:cpu \
#   --build-arg BASE=debian:bookworm-slim --build-arg TENSORFLOW=none .
# CUDA's own libraries come with TensorFlow, pinned by digest; the base has what lets a container have the driver.
ARG BASE=nvidia/cuda:12.9.1-base-ubuntu24.04
ARG NODE=node:24.21.0-bookworm

FROM ${NODE} AS build
# gpu, cpu (to try the engine without a GPU), or none (host jobs)
ARG TENSORFLOW=gpu
SHELL ["/bin/sh", "-eu", "-c"]
WORKDIR /semmim
COPY package.json package-lock.json .npmrc ./
# onnxruntime-node's install script would download CUDA libraries that the CPU engine does not use.
RUN ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save --no-audit --no-fund
COPY lib/cli/setup-tensorflow.mjs lib/cli/tensorflow-parts.mjs lib/cli/
# Versions are those of the base's release, by its own name.
# hadolint ignore=DL3008
RUN mkdir -p /opt/tensorflow; \
  if [ "$TENSORFLOW" = none ]; then exit 0; fi; \
  if ! command -v g++ >/dev/null || ! python3 -m pip --version >/dev/null; then \
    apt-get update; \
    apt-get install -y --no-install-recommends g++ python3-pip; \
    rm -rf /var/lib/apt/lists/*; \
  fi; \
  case "$TENSORFLOW" in \
    gpu) SEMMIM_TENSORFLOW=/opt/tensorflow node lib/cli/setup-tensorflow.mjs --gpu ;; \
    cpu) SEMMIM_TENSORFLOW=/opt/tensorflow node lib/cli/setup-tensorflow.mjs ;; \
    *) echo "TENSORFLOW=$TENSORFLOW: expected gpu, cpu or none" >&2; exit 1 ;; \
  esac
COPY tsconfig.json ./
COPY .ci/build.json .ci/
COPY lib lib
COPY stages stages
COPY pipelines pipelines
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && cp "$(command -v node)" /opt/node
# What is compiled at run time is kept with the other caches, which are the only thing that is written to.
RUN ln -s /var/cache/semmim/xla /opt/tensorflow/xla

FROM ${BASE}
# Ids without names: nothing here needs any.
RUN mkdir -p /var/cache/semmim/xla && chown -R 10001:10001 /var/cache/semmim
COPY --from=build /opt/node /usr/local/bin/node
COPY --from=build /opt/tensorflow /opt/tensorflow
COPY --from=build /semmim/node_modules /opt/semmim/node_modules
COPY --from=build /semmim/package.json /opt/semmim/package.json
COPY --from=build /semmim/dist /opt/semmim/dist
ENV NODE_ENV=production \
  HOME=/var/cache/semmim \
  SEMMIM_TENSORFLOW=/opt/tensorflow
USER 10001:10001
WORKDIR /var/cache/semmim
VOLUME ["/var/cache/semmim"]
# Only a worker answers; ECS has its own copy of this, and Lambda none.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "/opt/semmim/dist/pipelines/main.js"]
CMD ["doctor"]
