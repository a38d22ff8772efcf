//! BuildKit's low-level build graph (LLB) as a library.
