//! Dockerfile text to immutable, typed instructions with byte spans.
