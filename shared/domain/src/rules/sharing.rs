//! The accounts with which our own snapshots are shared, and the changes that are due.
//!
//! The tag `SharedWith` records the accounts with which Pilot Light shared a snapshot. Only these shares are ever
//! revoked. A share that a person made is in no tag and stays. The workers decide which accounts a snapshot should be
//! shared with.

use std::collections::BTreeSet;

use crate::aws::error::{GatewayError, GatewayErrorKind};
use crate::aws::gateway::RdsGateway;
use crate::model::arn::SnapshotArn;
use crate::model::ids::AccountId;
use crate::model::snapshot::{Snapshot, SnapshotStatus};
use crate::model::tags;
use crate::model::tags::Tags;
use crate::run::StateNow;
use crate::run::effects;
use crate::run::effects::Effect;
use crate::run::plan::{Action, SkipReason};

/// The length of an account id.
const DIGITS: usize = 12;

/// A change of the accounts that one snapshot is shared with. At least one of both sets is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// The snapshot.
    pub arn: SnapshotArn,
    /// The accounts to share it with.
    pub add: BTreeSet<AccountId>,
    /// The accounts whose share ends.
    pub revoke: BTreeSet<AccountId>,
    /// The tag that records the accounts afterwards.
    pub memory: Tags,
}

impl Action for Sharing {
    fn verb(&self) -> &'static str {
        if self.add.is_empty() { "revoke" } else { "share" }
    }

    fn subject(&self) -> String {
        self.arn.to_string()
    }

    fn detail(&self) -> String {
        match (self.add.is_empty(), self.revoke.is_empty()) {
            (_, true) => format!("with {}", joined(&self.add, " ")),
            (true, false) => format!("from {}", joined(&self.revoke, " ")),
            (false, false) => {
                format!("with {}, no longer with {}", joined(&self.add, " "), joined(&self.revoke, " "))
            }
        }
    }
}

/// The reason for which the sharing of a snapshot is not changed, whatever the accounts.
#[must_use]
pub fn obstacle(snapshot: &Snapshot) -> Option<SkipReason> {
    if !snapshot.is_taken_by_us() {
        return Some(SkipReason::NotOurs);
    }
    if !snapshot.tags.has(tags::SHARE_AND_COPY, tags::YES) {
        return Some(SkipReason::NotMarked);
    }
    match &snapshot.status {
        SnapshotStatus::Available => None,
        status if status.in_progress() => Some(SkipReason::SnapshotInProgress),
        status => Some(SkipReason::NotUsable(status.to_string())),
    }
}

/// True if the tag of a snapshot records exactly these accounts.
#[must_use]
pub fn is_settled(snapshot: &Snapshot, accounts: &BTreeSet<AccountId>) -> bool {
    let Some(text) = snapshot.tags.get(tags::SHARED_WITH) else { return accounts.is_empty() };
    // Most installations have one destination account, and thousands of snapshots.
    let is_alone = accounts.len() == 1 && accounts.iter().any(|account| account.as_str() == text);
    is_alone || recorded(text) == *accounts
}

/// The change after which a snapshot is shared with `accounts`, or none if its tag records exactly these.
///
/// Only accounts that the tag lacks are added. AWS may refuse one of them in every run, and that must not cost calls for the
/// others. AWS accepts an account that the snapshot is already shared with.
#[must_use]
pub fn change(snapshot: &Snapshot, accounts: &BTreeSet<AccountId>) -> Option<Sharing> {
    if is_settled(snapshot, accounts) {
        return None;
    }
    let before = snapshot.tags.get(tags::SHARED_WITH).map(recorded).unwrap_or_default();
    let add = accounts.difference(&before).cloned().collect();
    let revoke = before.difference(accounts).cloned().collect();
    Some(Sharing { arn: snapshot.arn.clone(), add, revoke, memory: memory_of(accounts) })
}

/// Changes the accounts, and then records them in the tag. A snapshot that was deleted after it was listed is done.
///
/// The tag comes last: if the run ends in between, the next run makes the same change again, which AWS accepts.
///
/// # Errors
/// AWS's error. A snapshot that was listed as `available` is never in a temporary state again, so a refusal for its state
/// lasts. A snapshot with TDE is an example. If AWS refuses some of the accounts, the error names them with AWS's words, and the
/// others are changed and recorded all the same.
pub async fn apply<R: RdsGateway>(rds: &R, sharing: &Sharing) -> Result<Effect, GatewayError> {
    match rds.change_sharing(&sharing.arn.id, &sharing.add, &sharing.revoke).await {
        Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(Effect::AlreadyDone),
        // AWS refuses the whole change for one account that does not exist, or that is one too many.
        Err(error) if error.kind == GatewayErrorKind::InvalidRequest && sharing.parts().len() > 1 => {
            apply_parts(rds, sharing).await
        }
        Err(error) => Err(effects::in_state(error, StateNow::Allows)),
        Ok(()) => rds.tag_snapshot(&sharing.arn, &sharing.memory).await.map(|()| Effect::Done),
    }
}

/// Makes the change for each account by itself, and records those that AWS accepts.
async fn apply_parts<R: RdsGateway>(rds: &R, sharing: &Sharing) -> Result<Effect, GatewayError> {
    let parts = sharing.parts();
    let mut refused = Vec::new();
    for part in &parts {
        match rds.change_sharing(&part.arn.id, &part.add, &part.revoke).await {
            Ok(()) => {}
            Err(error) if error.kind == GatewayErrorKind::NotFound => return Ok(Effect::AlreadyDone),
            Err(error) => refused.push((part, effects::in_state(error, StateNow::Allows))),
        }
    }
    if refused.len() < parts.len() {
        let memory = sharing.memory_without(refused.iter().map(|(part, _)| *part));
        rds.tag_snapshot(&sharing.arn, &memory).await?;
    }
    in_one(&refused).map_or(Ok(Effect::Done), Err)
}

/// The first of the errors, with the account before each message.
fn in_one(refused: &[(&Sharing, GatewayError)]) -> Option<GatewayError> {
    let (_, first) = refused.first()?;
    let message = |(part, error): &(&Sharing, GatewayError)| format!("{}: {}", part.detail(), error.message);
    let messages: Vec<_> = refused.iter().map(message).collect();
    Some(GatewayError::new(first.action, first.kind, &first.code, &messages.join("; ")))
}

impl Sharing {
    /// The changes for one account each. The end of a share makes room for another one, so these come first.
    fn parts(&self) -> Vec<Self> {
        let one = |account: &AccountId| BTreeSet::from([account.clone()]);
        let part = |add, revoke| Self { add, revoke, ..self.clone() };
        let revoke = self.revoke.iter().map(|account| part(BTreeSet::new(), one(account)));
        let add = self.add.iter().map(|account| part(one(account), BTreeSet::new()));
        revoke.chain(add).collect()
    }

    /// The tag that records the accounts, if AWS refuses these parts.
    fn memory_without<'a>(&self, refused: impl Iterator<Item = &'a Self>) -> Tags {
        let mut accounts = self.memory.get(tags::SHARED_WITH).map(recorded).unwrap_or_default();
        for part in refused {
            accounts.retain(|account| !part.add.contains(account));
            accounts.extend(part.revoke.iter().cloned());
        }
        memory_of(&accounts)
    }
}

/// The accounts in the value of a tag, each of 12 digits, with or without spaces. Any other text is no account.
fn recorded(text: &str) -> BTreeSet<AccountId> {
    let ids = text.split_whitespace().filter(|part| part.is_ascii() && part.len() % DIGITS == 0);
    let ids = ids.flat_map(|part| part.as_bytes().chunks(DIGITS));
    ids.filter_map(|id| AccountId::new(std::str::from_utf8(id).ok()?).ok()).collect()
}

/// The tag that records the accounts. A value holds 256 characters, and 20 accounts with spaces need 259.
fn memory_of(accounts: &BTreeSet<AccountId>) -> Tags {
    let separator = if accounts.len() < 20 { " " } else { "" };
    let text = if accounts.is_empty() { tags::NOBODY.to_owned() } else { joined(accounts, separator) };
    tags::of([(tags::SHARED_WITH, &text)])
}

fn joined(accounts: &BTreeSet<AccountId>, separator: &str) -> String {
    accounts.iter().map(AccountId::as_str).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::snapshot;

    const NAME: &str = "arn:aws:rds:us-east-1:111111111111:snapshot:a";

    fn accounts(ids: &[&str]) -> BTreeSet<AccountId> {
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    /// The verb and the detail of the change from a tag to accounts, and the value of the tag after it.
    fn changed(tag: Option<&str>, wanted: &[&str]) -> Option<(&'static str, String, String)> {
        let mut found = snapshot(NAME, "orders");
        found.tags = tag.map(|text| tags::of([(tags::SHARED_WITH, text)])).unwrap_or_default();
        let sharing = change(&found, &accounts(wanted))?;
        let tag = sharing.memory.get(tags::SHARED_WITH).unwrap().to_owned();
        found.tags.extend(sharing.memory.clone());
        assert_eq!(change(&found, &accounts(wanted)), None, "the tag records the change");
        Some((sharing.verb(), sharing.detail(), tag))
    }

    #[test]
    fn exactly_the_accounts_in_our_own_tag_that_are_no_longer_wanted_are_revoked() {
        let (two, three) = ("222222222222", "333333333333");
        let both = "222222222222 333333333333";
        let expect = |verb, detail: &str, tag: &str| Some((verb, detail.to_owned(), tag.to_owned()));
        for (tag, wanted, expected) in [
            (None, vec![], None),
            (Some("None"), vec![], None),
            (Some(two), vec![two], None),
            (Some("333333333333 222222222222"), vec![two, three], None),
            (Some("222222222222333333333333"), vec![two, three], None),
            (None, vec![two], expect("share", "with 222222222222", two)),
            (Some("None"), vec![two], expect("share", "with 222222222222", two)),
            (Some(two), vec![two, three], expect("share", "with 333333333333", both)),
            (Some(both), vec![two], expect("revoke", "from 333333333333", two)),
            (
                Some(two),
                vec![three],
                expect("share", "with 333333333333, no longer with 222222222222", three),
            ),
            (Some(both), vec![], expect("revoke", &format!("from {both}"), "None")),
        ] {
            assert_eq!(changed(tag, &wanted), expected, "{tag:?}");
        }
    }

    #[test]
    fn each_account_can_be_changed_by_itself_and_the_tag_records_those_that_aws_accepts() {
        let mut found = snapshot(NAME, "orders");
        found.tags = tags::of([(tags::SHARED_WITH, "222222222222")]);
        let sharing = change(&found, &accounts(&["333333333333", "444444444444"])).unwrap();
        let parts = sharing.parts();
        let details: Vec<_> = parts.iter().map(Action::detail).collect();
        assert_eq!(details, ["from 222222222222", "with 333333333333", "with 444444444444"]);
        let memory = |refused: &[usize]| {
            let tags = sharing.memory_without(refused.iter().map(|place| &parts[*place]));
            tags.get(tags::SHARED_WITH).unwrap().to_owned()
        };
        assert_eq!(memory(&[]), "333333333333 444444444444");
        assert_eq!(memory(&[1]), "444444444444");
        assert_eq!(memory(&[0, 2]), "222222222222 333333333333");
        let refused = |place: usize, text| {
            (&parts[place], GatewayError::of_code("ModifyDBSnapshotAttribute", "InvalidParameterValue", text))
        };
        let error = in_one(&[refused(1, "It is closed."), refused(2, "It is unknown.")]).unwrap();
        assert_eq!(error.message, "with 333333333333: It is closed.; with 444444444444: It is unknown.");
        assert_eq!(in_one(&[]), None);
    }

    #[test]
    fn a_tag_with_another_text_revokes_nothing() {
        for text in ["", "all", "22222222222", "２２２２２２２２２２２２", "222222222222x", "everyone else!"]
        {
            assert_eq!(changed(Some(text), &[]), None, "{text}");
        }
    }

    #[test]
    fn twenty_accounts_fit_into_one_tag() {
        let ids: Vec<_> = (0..20).map(|n| format!("{:012}", 222_222_222_200_u64 + n)).collect();
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let (_, _, tag) = changed(None, &ids).unwrap();
        assert!(tag.len() <= 256, "{tag}");
    }
}
