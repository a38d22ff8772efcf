//! What this frontend makes of a request.

use plimsoll_fake_bridge::{Case, run};
use serde_json::{Value, json};

/// The answer. A panic is the answer `{"panic": …}`, which equals no other.
#[must_use]
pub fn answer(request: &str) -> Value {
    answer_and_wire(request).0
}

/// The answer, and every message that was sent, as the oracle's `wire` takes them.
#[must_use]
pub fn answer_and_wire(request: &str) -> (Value, Value) {
    let without = |answer: Value| (answer, json!([]));
    let case: Case = match serde_json::from_str(request) {
        Ok(case) => case,
        Err(error) => return without(json!({ "bad_request": error.to_string() })),
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        return without(json!({ "bad_request": "no runtime" }));
    };
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let (_, bridge) = runtime.block_on(run(case));
        (bridge.answer(), bridge.wire())
    }));
    caught.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        without(json!({ "panic": text.unwrap_or_default() }))
    })
}
