# The image of the frontend: one static program, and the labels that tell BuildKit what it can do.
#
#   docker buildx build -f frontend.Dockerfile --platform linux/amd64,linux/arm64 -t YOUR_REGISTRY/plimsoll:1 --push .
#
# `make image` builds the programs with the cargo at hand and puts them in the place of the stage `build`, with
# `--build-context build=FOLDER`; the folder has `plimsoll-frontend.amd64` and `plimsoll-frontend.arm64`.

ARG RUST_VERSION=1

# Compiles on the builder's own platform for the target's: rustc has both, so nothing is emulated. The static targets are
# linked by rust-lld (.cargo/config.toml).
FROM --platform=$BUILDPLATFORM rust:${RUST_VERSION}-slim AS build
WORKDIR /src
ARG TARGETARCH
RUN case "$TARGETARCH" in \
        amd64) echo x86_64-unknown-linux-musl ;; \
        arm64) echo aarch64-unknown-linux-musl ;; \
        *) echo "there is no frontend for $TARGETARCH" >&2; exit 1 ;; \
    esac > /target && \
    rustup target add "$(cat /target)"
RUN --mount=type=bind,target=. \
    --mount=type=cache,id=plimsoll-cargo,target=/usr/local/cargo/registry \
    --mount=type=cache,id=plimsoll-target-$TARGETARCH,target=/build \
    cargo build --release --locked --package plimsoll-frontend --target "$(cat /target)" --target-dir /build && \
    cp "/build/$(cat /target)/release/plimsoll-frontend" "/plimsoll-frontend.$TARGETARCH"

FROM scratch
ARG TARGETARCH
LABEL moby.buildkit.frontend.network.none="true"
LABEL moby.buildkit.frontend.caps="moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd"
COPY --from=build /plimsoll-frontend.${TARGETARCH} /bin/plimsoll-frontend
ENTRYPOINT ["/bin/plimsoll-frontend"]
