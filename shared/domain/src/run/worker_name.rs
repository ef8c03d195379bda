//! The names of the five scheduled workers, which are also the names of their binaries and functions.

use std::fmt;
use std::str::FromStr;

/// A worker that runs on a schedule. Recovery is not one of them: a manifest starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkerName {
    /// Takes snapshots of the selected databases (source account).
    SourceTake,
    /// Shares snapshots with the destination accounts (source account).
    SourceShare,
    /// Deletes expired snapshots (source account).
    SourceDelete,
    /// Copies shared snapshots under the destination's own key (destination account).
    DestinationCopy,
    /// Deletes expired recovery points (destination account).
    DestinationDelete,
}

impl WorkerName {
    /// All of them, in the order in which they concern a snapshot.
    pub const ALL: [Self; 5] = [
        Self::SourceTake,
        Self::SourceShare,
        Self::SourceDelete,
        Self::DestinationCopy,
        Self::DestinationDelete,
    ];

    /// The name, as in `source-take`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceTake => "source-take",
            Self::SourceShare => "source-share",
            Self::SourceDelete => "source-delete",
            Self::DestinationCopy => "destination-copy",
            Self::DestinationDelete => "destination-delete",
        }
    }

    /// True if the worker runs in the source account.
    #[must_use]
    pub const fn is_source(self) -> bool {
        matches!(self, Self::SourceTake | Self::SourceShare | Self::SourceDelete)
    }
}

impl fmt::Display for WorkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WorkerName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::as_str).join(", ");
        let named = Self::ALL.into_iter().find(|worker| worker.as_str() == text);
        named.ok_or_else(|| format!("there is no worker '{text}'; the workers are {names}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_an_unknown_name_is_rejected_listing_all_names() {
        for worker in WorkerName::ALL {
            assert_eq!(worker.to_string().parse(), Ok(worker));
        }
        let error = "source-tke".parse::<WorkerName>().unwrap_err();
        assert!(error.contains("'source-tke'") && error.contains("source-take, source-share"), "{error}");
    }
}
