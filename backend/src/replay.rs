//! Decisions given again: on the state, by the rules and for the moment of a certificate.

use std::sync::Arc;

use shared::address::Address;
use shared::certificate::{Again, Certificate, Verdict};
use shared::decision::{Question, Stated, Unknown, unknown};
use shared::digest::Digest;
use shared::rules::Rules;
use shared::time::Timestamp;

use crate::gate::{Check, answer_to};
use crate::secrets::Secrets;
use crate::store::image::{Image, Sight};
use crate::store::{Keys, Past, Read, Seq, StoreError, StoredRules};

/// Decides as was decided then.
pub struct Replay {
    store: Arc<dyn Read>,
    secrets: Arc<Secrets>,
    rules: Option<Rules>,
    as_of: Seq,
    /// How many entries there were.
    entries: u64,
    at: Timestamp,
    /// Who is known, where that was read at once: the others need not be looked for.
    known: Option<Image>,
}

/// Entries for each row of a list, above which its addresses are looked for one by one: to read who is
/// known would take longer.
const FEW: u64 = 8;

/// On which state, by which rules and for which moment something was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Then {
    /// The last entry.
    pub as_of: Seq,
    /// The rule set; `None` before the first notice was published.
    pub rules: Option<Digest>,
    /// The moment.
    pub at: Timestamp,
}

/// The rules that were in force from the moment of a certificate until its end, or as long after it as
/// it was made to reach, and those of now.
pub struct Since {
    then: Option<Rules>,
    later: Vec<(Timestamp, Rules)>,
    /// The last moment whose rules are known.
    end: Timestamp,
    now: Option<Arc<StoredRules>>,
}

/// Why nothing can be decided again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The rule set is not kept here.
    #[error(
        "this database does not have the rule set {0} that the certificate names: use the database \
         of the deployment that signed it"
    )]
    OtherRules(Digest),
    /// The ledger has no such entry: what came between is not known, and nothing can be said of it.
    #[error(
        "the certificate is about entry {0}, which this database does not have: it was restored from \
         an older backup, or it is another deployment's. Scrub the list anew"
    )]
    NoEntry(Seq),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replay {
    /// Gives the decisions of that certificate again, from this store.
    pub async fn of(
        certificate: &Certificate,
        store: Arc<dyn Read>,
        secrets: Arc<Secrets>,
    ) -> Result<Self, ReplayError> {
        let Certificate {
            as_of, rules, at, ..
        } = *certificate;
        Self::on(Then { as_of, rules, at }, store, secrets).await
    }

    /// Decides as was decided on that state.
    pub async fn on(
        then: Then,
        store: Arc<dyn Read>,
        secrets: Arc<Secrets>,
    ) -> Result<Self, ReplayError> {
        let entries = store.nth(then.as_of).await?;
        let entries = entries.ok_or(ReplayError::NoEntry(then.as_of))?;
        let rules = match then.rules {
            None => None,
            Some(digest) => {
                let found = store.rules(digest).await?;
                Some(found.ok_or(ReplayError::OtherRules(digest))?)
            }
        };
        Ok(Self {
            store,
            secrets,
            rules,
            as_of: then.as_of,
            entries,
            at: then.at,
            known: None,
        })
    }

    /// What of that question the rules did not know, if anything: nobody was kept then.
    #[must_use]
    pub fn unknown(&self, question: &Question) -> Option<Unknown> {
        match &self.rules {
            Some(rules) => unknown(rules, question),
            None => Some(Unknown::Purpose),
        }
    }

    /// Whether that certificate's list is so long that everybody is read at once, where there are that
    /// many entries.
    #[must_use]
    pub const fn is_long(certificate: &Certificate, entries: u64) -> bool {
        certificate.list.rows.saturating_mul(FEW) >= entries
    }

    /// Reads at once who is known by now, if the list of the certificate is long enough for that.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn for_list(mut self, certificate: &Certificate) -> Result<Self, StoreError> {
        if Self::is_long(certificate, self.entries) {
            let sight = Sight {
                generations: self.secrets.generations().collect(),
                question: certificate.asked.about(Stated::default()),
                at: self.at,
                everybody: true,
            };
            self.known = Some(self.store.image(sight).await?);
        }
        Ok(self)
    }

    /// What held then for the address of each check, and what came since, in the order asked.
    pub async fn look_back(&self, checks: &[Check]) -> Result<Vec<Seen>, StoreError> {
        let mut keys: Vec<Keys> = Vec::with_capacity(checks.len());
        for address in checks.iter().filter_map(|check| check.address.as_ref()) {
            keys.push(self.secrets.keys(address));
            keys.extend(address.base().map(|base| self.secrets.keys(&base)));
        }
        let known = self.known.as_ref();
        let is_known = |keys: &Keys| known.is_none_or(|known| known.knows(keys));
        let are_known: Vec<bool> = keys.iter().map(is_known).collect();
        let mut are = are_known.iter();
        keys.retain(|_| are.next() == Some(&true));
        let mut found = self.store.look_back(&keys, self.as_of).await?.into_iter();
        let mut past = are_known.into_iter().map(|is_known| match is_known {
            true => found.next().flatten(),
            false => None,
        });
        let seen = checks.iter().map(|check| {
            let address = check.address.as_ref();
            let own = address.and_then(|_| past.next().flatten());
            let base = address.and_then(Address::base);
            let base = base.and_then(|_| past.next().flatten());
            Seen { own, base }
        });
        Ok(seen.collect())
    }

    /// The verdict of the certificate, given again.
    #[must_use]
    pub fn again(&self, check: &Check, seen: &Seen) -> Again {
        if seen.is_erased() {
            return Again::Erased;
        }
        let [own, base] =
            [&seen.own, &seen.base].map(|past| past.as_ref().map(|past| &past.standing));
        let rules = self.rules.as_ref();
        Again::Given(Verdict::of(&answer_to(check, rules, (own, base), self.at)))
    }

    /// The rules since that certificate, whose decisions these are.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn since(&self, certificate: &Certificate) -> Result<Since, StoreError> {
        let end = certificate.valid_until;
        Ok(Since {
            then: self.rules.clone(),
            later: self.store.rules_between(self.at, end).await?,
            end,
            now: self.store.look_up(&[]).await?.rules,
        })
    }

    /// Lets `since` know the rules that were in force up to that moment, after the certificate's end too.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn reach(&self, since: &mut Since, moment: Timestamp) -> Result<(), StoreError> {
        if moment > since.end {
            let more = self.store.rules_between(since.end, moment).await?;
            since.later.extend(more);
            since.end = moment;
        }
        Ok(())
    }

    /// The verdict of the gate at a later moment, one that `since` reaches or now: by the rules in force
    /// then, with the entries recorded by then.
    #[must_use]
    pub fn later(&self, since: &Since, check: &Check, seen: &Seen, moment: Timestamp) -> Verdict {
        let [own, base] = [&seen.own, &seen.base].map(|past| {
            past.as_ref().map(|past| {
                let mut standing = past.standing.clone();
                let by_then = past
                    .since
                    .iter()
                    .filter(|entry| entry.recorded_at <= moment);
                by_then.for_each(|entry| standing.apply(entry));
                standing
            })
        });
        let rules = since.at(moment);
        let standings = (own.as_ref(), base.as_ref());
        Verdict::of(&answer_to(check, rules, standings, moment))
    }
}

impl Since {
    fn at(&self, moment: Timestamp) -> Option<&Rules> {
        if moment > self.end {
            return self.now.as_ref().map(|stored| &stored.rules);
        }
        let by_then = |(at, _): &&(Timestamp, Rules)| *at <= moment;
        match self.later.iter().rfind(by_then) {
            Some((_, rules)) => Some(rules),
            None => self.then.as_ref(),
        }
    }
}

/// What held for an address and for the one it is a variant of.
#[derive(Debug, Clone)]
pub struct Seen {
    own: Option<Past>,
    base: Option<Past>,
}

impl Seen {
    /// Whether nothing is kept of the contact: nobody knew them, or they were forgotten since.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.own.is_none() && self.base.is_none()
    }

    /// Whether what was said before was erased since.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.own.iter().chain(&self.base).any(Past::is_erased)
    }

    /// The same, all of it by that moment.
    #[must_use]
    pub fn is_erased_by(&self, moment: Timestamp) -> bool {
        let mut erasures = (self.own.iter().chain(&self.base)).flat_map(Past::erasures);
        self.is_erased() && erasures.all(|erased| erased.recorded_at <= moment)
    }
}
