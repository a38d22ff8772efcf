//! Sizes for people, and what gRPC says of messages that are too large.

/// `17.3 MiB`.
pub(super) fn mebibytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// The size of a message and the limit that it is over, where an error is about that: in the words of Go's gRPC, or of
/// ours.
pub(super) fn told(message: &str) -> Option<(usize, usize)> {
    let forms = [
        ("larger than max (", " vs. ", ")"),
        (
            "message length too large: found ",
            " bytes, the limit is: ",
            " bytes",
        ),
    ];
    forms.iter().find_map(|(before, between, behind)| {
        let (_, rest) = message.split_once(before)?;
        let (size, rest) = rest.split_once(between)?;
        let (limit, _) = rest.split_once(behind)?;
        Some((size.parse().ok()?, limit.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_found_in_what_is_said() {
        for (said, sizes) in [
            (
                "rpc error: grpc: received message larger than max (17 vs. 16)",
                Some((17, 16)),
            ),
            (
                "trying to send message larger than max (41943045 vs. 16777216)",
                Some((41_943_045, 16_777_216)),
            ),
            (
                "Error, decoded message length too large: found 9 bytes, the limit is: 8 bytes",
                Some((9, 8)),
            ),
            (
                "grpc: received message after decompression larger than max 16",
                None,
            ),
            ("larger than max (many vs. 16)", None),
            ("no", None),
        ] {
            assert_eq!(told(said), sizes, "{said}");
        }
    }
}
