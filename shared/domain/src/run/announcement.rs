//! A message to people about one event, such as a database that becomes late. It is sent once.
//!
//! The state machine of the worker starts one execution for each announcement, named [`Announcement::name`]. Step Functions
//! refuses a name that was used within the last 90 days, and that is all the memory there is.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// The topic that an announcement is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Somebody must act now.
    Page,
    /// Somebody should know.
    Inform,
}

/// One message about one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Announcement {
    /// The topic.
    pub urgency: Urgency,
    /// The event, as the name of an execution: at most 80 letters, digits, `-` and `_`. The same event has the same name in
    /// every run, and another event has another name.
    pub name: String,
    /// The subject of the e-mail: at most 100 printable ASCII characters, since SNS accepts no others.
    pub subject: String,
    /// The problem, its consequence, and the command to type.
    pub text: String,
}

/// The longest name of an execution.
const LONGEST_NAME: usize = 80;
/// The longest subject that SNS accepts.
const LONGEST_SUBJECT: usize = 100;

impl Announcement {
    /// The message about one event: its kind, such as `late`, its subject, and a time that distinguishes it from the next event of the
    /// same kind.
    #[must_use]
    pub fn about(
        urgency: Urgency,
        (kind, of, at): (&str, &str, Instant),
        subject: &str,
        text: String,
    ) -> Self {
        let is_printable = |letter: &char| letter.is_ascii_graphic() || *letter == ' ';
        let subject = subject.chars().filter(is_printable).take(LONGEST_SUBJECT).collect();
        Self { urgency, name: name(kind, of, at), subject, text }
    }
}

/// The name of an event. A long one ends with a hash of the whole.
fn name(kind: &str, of: &str, at: Instant) -> String {
    let whole = format!("{kind}-{of}-{}", at.format("%Y%m%dT%H%M%SZ"));
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    let name: String = whole.chars().map(|letter| if is_allowed(letter) { letter } else { '-' }).collect();
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let hash = format!("-{:016x}", fnv(&whole));
    format!("{}{hash}", &name[..LONGEST_NAME - hash.len()])
}

/// The 64-bit FNV-1a hash, which is the same in every build.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn the_same_event_has_one_name_and_another_event_another_one() {
        let long = "a".repeat(63);
        let of = |database: &str, time: &str| name("late", database, at(time));
        let short = of("111111111111/us-east-1/orders", "2026-01-01T05:00:00Z");
        assert_eq!(short, "late-111111111111-us-east-1-orders-20260101T050000Z");
        let first = of(&format!("111111111111/us-east-1/{long}"), "2026-01-01T05:00:00Z");
        assert_eq!(first, of(&format!("111111111111/us-east-1/{long}"), "2026-01-01T05:00:00Z"));
        for other in [
            of(&format!("111111111111/us-east-1/{long}"), "2026-01-01T05:00:01Z"),
            of(&format!("111111111111/us-east-1/{}b", &long[1..]), "2026-01-01T05:00:00Z"),
            of(&format!("222222222222/us-east-1/{long}"), "2026-01-01T05:00:00Z"),
        ] {
            assert_ne!(first, other);
            assert!(
                other.len() <= LONGEST_NAME && other.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "{other}"
            );
        }
    }

    #[test]
    fn a_subject_has_only_letters_that_sns_accepts() {
        let subject = format!("Dätabase\n{}", "x".repeat(200));
        let about = Announcement::about(
            Urgency::Page,
            ("late", "a", at("2026-01-01T05:00:00Z")),
            &subject,
            String::new(),
        );
        assert!(about.subject.starts_with("Dtabasexxx") && about.subject.len() == LONGEST_SUBJECT);
    }
}
