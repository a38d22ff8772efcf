# One line each over the code that does it. What a target needs it installs itself; see tests/engine/README.md.
.PHONY: demo test engines image cli pictures release reproduce bench check parity mutants messages coverage-of-language engine fuzz

# Builds a real project through Plimsoll on a real BuildKit and runs the result.
demo:
	cargo run --quiet -p plimsoll-engine --bin demo

# Every test, the ones on real engines among them; says at its end what took longest.
test:
	cargo run --quiet -p plimsoll-stopwatch -- --workspace --no-fail-fast

# What works on older engines, and on Docker's: compares with docs/engines.md, or writes it with BLESS=1.
engines:
	PLIMSOLL_ENGINES=all cargo test -p plimsoll-engine --test engines

# Leaves target/image/plimsoll.oci.tar and target/image/plimsoll-frontend.
image:
	cargo run --quiet -p plimsoll-engine --bin image

# Leaves the command line, a static program, in target/cli/plimsoll; see docs/check.md.
cli:
	cargo run --quiet -p plimsoll-engine --bin cli

# Draws the pictures of the documents, docs/pictures/*.svg.
pictures:
	BLESS=1 cargo test --quiet -p plimsoll-cli --test pictures
	BLESS=1 cargo test --quiet --test parity Picture

# Leaves a release in target/release-files: image, programs, crates, checksums, policies, and a page about them.
release:
	cargo run --quiet -p plimsoll-engine --bin release

# Compiles from two clean clones, in Rust's image and with the cargo at hand: one digest. Takes half an hour.
reproduce:
	PLIMSOLL_REPRODUCE=1 cargo test -p plimsoll-engine --test supply -- --nocapture reproduce

# Ours and the reference's side by side, and what got worse since benches/last.json, which BLESS=1 writes; see docs/performance.md.
bench:
	cargo run --quiet -p plimsoll-bench

# Form, lints, dependencies, structure: needs no engine.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo test --quiet --test tidy --test layers
	.ci/deny --workspace check bans licenses sources

# Makes up N Dockerfiles from number SEED on and holds what we make of them against the reference; then as many of the
# dialect, and holds them against their plain forms.
parity:
	cargo run --quiet -p plimsoll-parity --bin parity -- random $(or $(N),10000) $(or $(SEED),1)
	PLIMSOLL_FILES=$(or $(N),10000) PLIMSOLL_SEED=$(or $(SEED),1) cargo test --quiet --test dialect made_up

# Every fuzzer for T seconds; see fuzz/README.md.
fuzz:
	fuzz/run $(or $(T),60)

# Puts about N faults into the code, one at a time, from number SEED on, and says which no test notices. Takes hours.
mutants:
	.ci/mutants $(or $(N),300) $(or $(SEED),1)

# Every message that people may read, once, in a row.
messages:
	cargo test --quiet --test messages -- --nocapture messages

# Every row of docs/language.md has cases, and every case a row.
coverage-of-language:
	cargo test --quiet --test language

# Keeps an engine running to try things on, and says how to talk to it.
engine:
	cargo run --quiet -p plimsoll-engine --bin engine
