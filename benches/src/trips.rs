//! How many calls a build makes, and how many of them wait for one another: so often the distance to a daemon counts.
//!
//! Both frontends run on daemons in memory that answer each call after a while. What a build of ours has waited shows on
//! a clock that only waiting moves; the reference waits in earnest, in the oracle.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::{project, target_folder};
use plimsoll_fake_bridge::{Case, FakeBridge, to_base64};
use plimsoll_frontend::Outcome;
use plimsoll_parity::Oracle;
use serde_json::{Value, json};
use tokio::runtime;
use tokio::time::Instant;

use crate::report::COUNTED;
use crate::run::Run;

/// The oracle's wait, long beside what the reference computes between its calls.
const TRIP: Duration = Duration::from_millis(500);

/// Each case is asked this often and the fewest trips count: a machine that is busy makes them more.
const ASKED: usize = 2;

const ONE: &str = "FROM alpine\nRUN echo hello\n";

const THREE: &str = "FROM a AS one\nRUN x\nFROM b\nCOPY --from=one / /\nCOPY --from=c / /\nCOPY . /\n";

/// A build that is counted.
struct Counted {
    name: &'static str,
    dockerfile: &'static str,
    /// An option and its value.
    option: Option<[&'static str; 2]>,
}

const CASES: [Counted; 4] = [
    Counted::new("one base", ONE, None),
    Counted::new("three bases and the context", THREE, None),
    Counted::new("a bill of materials", THREE, Some(["attest:sbom", ""])),
    Counted::new(
        "two platforms",
        THREE,
        Some(["platform", "linux/amd64,linux/arm64"]),
    ),
];

impl Counted {
    const fn new(name: &'static str, dockerfile: &'static str, option: Option<[&'static str; 2]>) -> Self {
        Self {
            name,
            dockerfile,
            option,
        }
    }

    /// The build as a daemon starts it where the file names the frontend, in the oracle's form.
    fn request(&self) -> Value {
        let dockerfile = to_base64(self.dockerfile.as_bytes());
        let mut request = json!({
            "id": self.name,
            "any_image": true,
            "brief": true,
            "opts": { "cmdline": "plimsoll" },
            "locals": { "dockerfile": { "Dockerfile": dockerfile }, "context": {} },
        });
        if let Some([key, value]) = self.option {
            request["opts"][key] = value.into();
        }
        request
    }
}

/// Calls, and trips one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    trips: u64,
    calls: u64,
}

/// Counts both frontends' of the same cases.
pub fn measure(run: &mut Run<'_>) -> Result<()> {
    run.progress.step("counting calls and trips");
    let requests = CASES.map(|case| case.request());
    let references = references(&requests)?;
    for ((case, request), reference) in CASES.iter().zip(&requests).zip(references) {
        let ours = ours(request)?;
        for (what, ours, reference) in [
            ("calls", ours.calls, reference.calls),
            ("trips", ours.trips, reference.trips),
        ] {
            let what = format!("{what} of a build, {}", case.name);
            run.report.row(&what, COUNTED, ours as f64, reference as f64);
        }
    }
    Ok(())
}

fn ours(request: &Value) -> Result<Count> {
    let case: Case = serde_json::from_value(request.clone())?;
    let environment = case.environment();
    // Whatever it is, the clock jumps by it.
    let trip = Duration::from_secs(1);
    let bridge = FakeBridge::new(case).with_trip(trip);
    let runtime = runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    let (outcome, waited) = runtime.block_on(async {
        let start = Instant::now();
        let outcome = plimsoll_frontend::run(&bridge, &environment).await;
        (outcome, start.elapsed())
    });
    ensure!(outcome == Outcome::Built, "{:?}", bridge.returned_error());
    Ok(Count {
        trips: waited.as_secs() / trip.as_secs(),
        calls: u64::try_from(bridge.noted().calls.len())?,
    })
}

/// The fewest that the reference made of each request.
fn references(requests: &[Value]) -> Result<Vec<Count>> {
    let lines: Vec<String> = requests.iter().map(slowed).collect();
    // They do nothing but wait, so all of them at once.
    let mut oracle = Oracle::start(project(), &target_folder(), ASKED * lines.len())?;
    let asked: Vec<String> = (0..ASKED).flat_map(|_| lines.clone()).collect();
    let answers = oracle.answer(&asked)?;
    let counts: Vec<Count> = answers.iter().map(count).collect::<Result<_>>()?;
    let of_one = |index: usize| {
        let counts = counts.iter().skip(index).step_by(lines.len());
        let fewest = counts.min_by_key(|count| count.trips);
        fewest.copied().context("the oracle gave no answer")
    };
    (0..lines.len()).map(of_one).collect()
}

fn slowed(request: &Value) -> String {
    let mut request = request.clone();
    request["trip_ms"] = json!(TRIP.as_millis() as u64);
    request.to_string()
}

fn count(answer: &Value) -> Result<Count> {
    ensure!(
        answer.get("result").is_some(),
        "the reference did not build: {answer}"
    );
    let number = |key| {
        answer[key]
            .as_u64()
            .with_context(|| format!("the answer has no {key}"))
    };
    Ok(Count {
        trips: number("trips")?,
        calls: number("calls")?,
    })
}
