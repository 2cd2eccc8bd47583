//! How many tests passed and failed, read from what the test programs say.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::tools;

/// The sums over all test programs so far.
#[derive(Default)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed.
    pub(crate) failed: u64,
}

impl Tally {
    /// Runs tests, shows what they print, and adds up their results.
    pub(crate) fn count(&mut self, tests: &mut Command) -> anyhow::Result<()> {
        tools::say(tests);
        let mut child = tests
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{tests:?} did not start"))?;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line?;
                self.add(&line);
                println!("{line}");
            }
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("tests failed, or did not compile: {status}");
        }
        Ok(())
    }

    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in counts.split([';', '.']) {
            match part.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn results_of_several_programs_are_summed() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.10s",
        ] {
            tally.add(line);
        }
        assert_eq!((tally.passed, tally.failed), (15, 2));
    }

    #[test]
    fn a_line_of_a_test_is_not_a_result() {
        let mut tally = Tally::default();
        tally.add("test tally::tests::five passed; it said ... ok");
        assert_eq!((tally.passed, tally.failed), (0, 0));
    }
}
