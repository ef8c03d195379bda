//! A message to people about one event, such as a database that becomes late. It is sent once.
//!
//! The state machine of the worker starts one execution for each announcement, named [`Announcement::name`]. Step Functions
//! refuses a name that was used within the last 90 days, and that is all the memory there is.

use serde::{Deserialize, Serialize};

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
