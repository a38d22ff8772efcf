# A Dockerfile like any other: it can be built by itself, and others take its stages.
ARG ALPINE_VERSION=latest
FROM alpine:$ALPINE_VERSION AS source
RUN echo "certificates of our own would come here" > /bundle.pem

FROM scratch AS bundle
COPY --from=source /bundle.pem /
