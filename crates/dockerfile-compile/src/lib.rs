//! The pure compile core: a parsed Dockerfile, build options and answers so far, to LLB.
