//! Times, and whether two sets of them come from one distribution.

use std::time::Duration;

/// Times of one kind, in milliseconds.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Adds one, in its place.
    pub(crate) fn add(&mut self, time: Duration) {
        let time = time.as_secs_f64() * 1e3;
        let place = self.0.partition_point(|other| *other < time);
        self.0.insert(place, time);
    }

    /// The one in the middle.
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The two-sided p of the two-sample Kolmogorov–Smirnov test, by its asymptotic distribution.
    pub(crate) fn chance(&self, other: &Self) -> f64 {
        let (n, m) = (self.0.len() as f64, other.0.len() as f64);
        let below = |times: &[f64], at: f64| times.partition_point(|time| *time <= at) as f64;
        let apart = self
            .0
            .iter()
            .chain(&other.0)
            .map(|&at| (below(&self.0, at) / n - below(&other.0, at) / m).abs())
            .fold(0.0, f64::max);
        let root = (n * m / (n + m)).sqrt();
        let lambda = (root + 0.12 + 0.11 / root) * apart;
        let term = |k: i32| (-1_f64).powi(k - 1) * (-2.0 * (f64::from(k) * lambda).powi(2)).exp();
        match lambda < 0.3 {
            true => 1.0,
            false => (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Samples;
    use std::time::Duration;

    fn samples(times: impl Iterator<Item = u64>) -> Samples {
        let mut samples = Samples::default();
        times.for_each(|time| samples.add(Duration::from_micros(time)));
        samples
    }

    #[test]
    fn the_same_distribution_is_likely_and_a_shifted_one_is_not() {
        let one = samples((0..300).map(|n| n * 7 % 300));
        let same = samples((0..300).map(|n| n * 11 % 300));
        let later = samples((0..300).map(|n| 60 + n * 7 % 300));
        assert!(one.chance(&same) > 0.99);
        assert!(one.chance(&later) < 0.001);
        assert!((one.median() - 0.150).abs() < 1e-9);
    }

    #[test]
    fn the_probability_is_that_of_the_tables() {
        // For 300 and 300 the critical distance at p = 0.05 is 1.358 · √(2/300) = 0.1109.
        let one = samples((0..300).map(|n| n * 10));
        let later = samples((0..300).map(|n| n * 10 + 333));
        let p = one.chance(&later);
        assert!((0.02..0.06).contains(&p), "{p}");
    }
}
