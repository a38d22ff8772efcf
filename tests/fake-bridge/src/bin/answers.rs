//! The oracle's counterpart: reads cases, one JSON object a line, and prints what this frontend makes of each.

use std::error::Error;
use std::io::{self, BufRead, Write};

use plimsoll_fake_bridge::{Case, run};

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let (_, bridge) = runtime.block_on(run(case));
        writeln!(out, "{}", bridge.answer())?;
    }
    Ok(())
}
