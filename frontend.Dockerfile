# The image of the frontend: one static program, and the labels that tell BuildKit what it can do.
#
#   docker buildx build -f frontend.Dockerfile --platform linux/amd64,linux/arm64 -t YOUR_REGISTRY/plimsoll:1 --push .
#
# With SOURCE_DATE_EPOCH in the environment the image is the same whenever and wherever it is built; docs/releases.md says how
# to check that. `make image` builds the programs with the cargo at hand and puts them in the place of the stage `build`, with
# `--build-context build=FOLDER`; the folder has `out/amd64/bin/plimsoll-frontend` and the same for `arm64`.

# Pinned, so that nobody can put another compiler in its place. `--build-arg RUST_IMAGE=…` takes it from your own mirror, or
# takes another; docs/releases.md says how to check the digest and how to raise it.
ARG RUST_IMAGE=docker.io/library/rust:1.98.0-slim-trixie@sha256:cc0448b41c3b7b7fea44f5dc50eacba729a56db365b65b7bd5e8a82d5b3db078

# Compiles on the builder's own platform for the target's: rustc has both, so nothing is emulated. The static targets are
# linked by rust-lld (.cargo/config.toml).
#
# Behind a proxy pass HTTPS_PROXY as a build argument. Two secrets are used where they are given: `ca`, the certificates that
# the network wants trusted, and `cargo-config`, a config.toml that names a mirror of the crates.
FROM --platform=$BUILDPLATFORM ${RUST_IMAGE} AS build
WORKDIR /src
ARG TARGETARCH
RUN --mount=type=secret,id=ca,target=/run/ca.pem \
    case "$TARGETARCH" in \
        amd64) echo x86_64-unknown-linux-musl ;; \
        arm64) echo aarch64-unknown-linux-musl ;; \
        *) echo "there is no frontend for $TARGETARCH" >&2; exit 1 ;; \
    esac > /target && \
    if [ -s /run/ca.pem ]; then export SSL_CERT_FILE=/run/ca.pem; fi && \
    rustup target add "$(cat /target)"
# The names of folders get into the program; the one with the crates differs with the registry that they came from, so it
# gets a name of its own. That and the file's time are the same each time. Cargo's own lock is beside that folder, so two platforms
# at once must not share it. As configuration the flags come on top of those in .cargo/config.toml.
RUN --mount=type=bind,target=. \
    --mount=type=cache,id=plimsoll-cargo-$TARGETARCH,target=/usr/local/cargo/registry \
    --mount=type=cache,id=plimsoll-target-$TARGETARCH,target=/build \
    --mount=type=secret,id=ca,target=/run/ca.pem \
    --mount=type=secret,id=cargo-config,target=/usr/local/cargo/config.toml \
    if [ -s /run/ca.pem ]; then export CARGO_HTTP_CAINFO=/run/ca.pem; fi && \
    cargo fetch --locked --target "$(cat /target)" && \
    names="$(printf "'--remap-path-prefix=%s=/crates'," /usr/local/cargo/registry/src/*)" && \
    cargo build --release --locked --package plimsoll-frontend --target "$(cat /target)" --target-dir /build \
        --config "target.$(cat /target).rustflags=[$names]" && \
    install -D "/build/$(cat /target)/release/plimsoll-frontend" "/out/$TARGETARCH/bin/plimsoll-frontend" && \
    touch -d @0 "/out/$TARGETARCH/bin/plimsoll-frontend" "/out/$TARGETARCH/bin"

FROM scratch
ARG TARGETARCH
LABEL moby.buildkit.frontend.network.none="true"
LABEL moby.buildkit.frontend.caps="moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd"
COPY --from=build /out/${TARGETARCH}/ /
ENTRYPOINT ["/bin/plimsoll-frontend"]
# Last, so that the layer is the same for every revision with the same program. Who publishes the image says which revision
# it is and where its source is.
ARG VERSION=0.1.0
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="Plimsoll" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0"
