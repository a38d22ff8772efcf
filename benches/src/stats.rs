//! Samples and what is said of them.

use serde::Serialize;
use serde_json::{Value, json};

/// Measurements of one thing, in one unit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    /// The middle one, or the mean of the two in the middle; 0 of none.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match sorted.len() {
            0 => 0.0,
            count if count % 2 == 1 => sorted[count / 2],
            count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
        }
    }

    /// The largest; 0 of none.
    pub fn largest(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    /// The smallest; 0 of none.
    pub fn smallest(&self) -> f64 {
        self.0.iter().copied().reduce(f64::min).unwrap_or_default()
    }

    /// For the report: the summary, and every sample unless there are very many.
    pub fn to_json(&self) -> Value {
        let samples = if self.0.len() > 200 {
            Vec::new()
        } else {
            self.0.clone()
        };
        json!({
            "count": self.0.len(),
            "median": self.median(),
            "smallest": self.smallest(),
            "largest": self.largest(),
            "samples": samples,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Samples;

    #[test]
    fn medians() {
        assert_eq!(Samples(vec![3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(Samples(vec![4.0, 1.0, 2.0, 3.0]).median(), 2.5);
        assert_eq!(Samples::default().median(), 0.0);
        assert_eq!(Samples(vec![3.0, 1.0]).smallest(), 1.0);
        assert_eq!(Samples(vec![3.0, 1.0]).largest(), 3.0);
    }
}
