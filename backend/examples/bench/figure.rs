//! One line of the result.

/// A measured figure beside its baseline.
pub(crate) struct Figure<'a> {
    /// What was measured.
    pub(crate) name: &'a str,
    /// What this service did, with its unit.
    pub(crate) ours: String,
    /// What the baseline did.
    pub(crate) baseline: String,
    /// Ours as a multiple of the baseline.
    pub(crate) ratio: Option<f64>,
    /// What is aimed at.
    pub(crate) target: &'a str,
    /// Whether it is reached; `None` where nothing is aimed at.
    pub(crate) met: Option<bool>,
}

impl Figure<'_> {
    /// Prints the line.
    pub(crate) fn print(&self) {
        let ratio = self
            .ratio
            .map_or_else(String::new, |ratio| format!("{ratio:.2}×"));
        let met = match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        println!(
            "{}\t{}\t{}\t{ratio}\t{}\t{met}",
            self.name, self.ours, self.baseline, self.target
        );
    }
}

/// The middle one.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `12,345/s`.
pub(crate) fn per_second(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + "/s"
}
