//! Damage: what a Dockerfile looks like when a hand slipped.

use super::Random;

/// Changes bytes, words or lines, a few times.
pub(super) fn mutate(random: &mut Random, text: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        match random.below(8) {
            0 | 1 => bytes(random, text),
            2 | 3 => words(random, text),
            4 => lines(random, text),
            5 => {
                let at = random.below(text.len() + 1);
                let odd = random.pick(&[
                    "\\", "$", "${", "\"", "'", "<<", "<<E", "\n", " ", "\t", "#", "=", ",", "\r", "\u{0}",
                    "[", "]", "\u{a0}", "\u{85}", "--", "\u{b}", "\u{c}", "`", "}", "/", ":",
                ]);
                text.splice(at..at, odd.bytes());
            }
            6 => {
                let at = random.below(text.len() + 1);
                text.splice(at..at, [random.pick(&[0xff, 0xc3, 0x80, 0xfe, 0xed])]);
            }
            _ => text.truncate(random.below(text.len() + 1)),
        }
    }
}

fn bytes(random: &mut Random, text: &mut Vec<u8>) {
    if text.is_empty() {
        return;
    }
    let at = random.below(text.len());
    match random.below(3) {
        0 => {
            text.remove(at);
        }
        1 => {
            let other = random.below(text.len());
            text.swap(at, other);
        }
        _ => {
            let end = (at + random.below(5) + 1).min(text.len());
            let piece: Vec<u8> = text[at..end].to_vec();
            text.splice(at..at, piece);
        }
    }
}

fn words(random: &mut Random, text: &mut Vec<u8>) {
    let mut parts: Vec<Vec<u8>> = text.split(|&byte| byte == b' ').map(<[u8]>::to_vec).collect();
    shuffle(random, &mut parts);
    *text = parts.join(&b' ');
}

fn lines(random: &mut Random, text: &mut Vec<u8>) {
    let mut parts: Vec<Vec<u8>> = text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    shuffle(random, &mut parts);
    *text = parts.join(&b'\n');
}

fn shuffle(random: &mut Random, parts: &mut Vec<Vec<u8>>) {
    let at = random.below(parts.len());
    let other = random.below(parts.len());
    match random.below(3) {
        0 => {
            parts.remove(at);
        }
        1 => parts.swap(at, other),
        _ => {
            let part = parts[at].clone();
            parts.insert(other, part);
        }
    }
}
