//! A frontend with a bug: it panics where its argument says.

#![allow(clippy::panic, reason = "that is what it is for")]

use std::error::Error;
use std::time::Duration;

use plimsoll_frontend::gateway::{Bridge, GrpcBridge, connection, pb};
use plimsoll_frontend::report;

fn main() -> Result<(), Box<dyn Error>> {
    report::install_hook();
    let place = std::env::args().nth(1).ok_or("where to panic is missing")?;
    if place == "before" {
        panic!("a secret");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let bridge = GrpcBridge::connect(connection()?).await?;
        bridge.ping().await?;
        let reading = async {
            match place.as_str() {
                "between calls" => Ok(()),
                "beside a call" => bridge.inputs().await.map(drop),
                _ => {
                    let request = pb::SolveRequest {
                        frontend: "x".repeat(8 << 20),
                        ..pb::SolveRequest::default()
                    };
                    tokio::try_join!(bridge.ping(), bridge.solve(request)).map(drop)
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(300), reading).await;
        panic!("a secret")
    })
}
