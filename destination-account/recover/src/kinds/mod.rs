//! The kinds of resources that a manifest may contain, each in a file of its own, and their common trait [`Kind`].
//!
//! A kind decides from facts alone and requests one change at a time. Waiting, polling, calling AWS and counting are left
//! to the steps around it.

mod abandoned;
mod aurora;
pub(crate) mod aurora_secondary;
pub(crate) mod create_replica;
mod difference;
pub(crate) mod drill;
pub(crate) mod elasticache;
mod monitoring;
pub(crate) mod planned_failover_aurora;
pub(crate) mod promote_replica;
pub(crate) mod refresh;
pub(crate) mod restore_from_snapshot;
mod restoring;
mod takeover;
pub(crate) mod unplanned_failover_aurora;

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::Change;
use serde_json::Value;

use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;
use crate::readiness::{Demand, Removal};

/// A resource of one kind, with its parameters read.
pub(crate) trait Kind: Sized {
    /// `resourceType` in a manifest.
    const NAME: &'static str;

    /// The minutes after which the resource counts as failed, counted from its first look in an execution.
    const LIMIT_MINUTES: u64;

    /// Reads the parameters and leaves their problems in `fields`. None if the parameters do not describe a resource.
    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self>;

    /// The lists that its decisions need.
    fn needs(&self, setting: &Setting) -> Vec<Need>;

    /// The things that it changes: `db/REGION/NAME`, `cluster/…`, `global/ID` or `datastore/ID`. Two resources of a
    /// manifest must not change the same thing.
    fn acts_on(&self, setting: &Setting) -> Vec<String>;

    /// The reasons in the facts not to start it, each with the parameter that causes it. `validate` reports them.
    /// The list is empty if the resource is done or under way.
    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)>;

    /// The databases that it is going to create, as far as the facts show. None if nothing is left to create.
    fn demands(&self, _facts: &Facts, _setting: &Setting) -> Vec<Demand> {
        Vec::new()
    }

    /// The databases that exist and that it deletes on its way, as far as the facts show. They make room in the quotas.
    fn removals(&self, _facts: &Facts, _setting: &Setting) -> Vec<Removal> {
        Vec::new()
    }

    /// The database that it deletes on its way, with the name of the final snapshot, in words.
    fn deletes(&self, _facts: &Facts, _setting: &Setting) -> Option<String> {
        None
    }

    /// A note on the state before the start, so that no check mistakes that state for success. Null where the facts
    /// themselves distinguish before from after: by one of our tags, by the writer, or by the source of a replica.
    fn mark(&self, _facts: &Facts, _setting: &Setting) -> Value {
        Value::Null
    }

    /// The new mark, if the facts of a check show something that a later check must remember.
    fn sees(&self, _facts: &Facts, _mark: &Value, _setting: &Setting) -> Option<Value> {
        None
    }

    /// The new mark, at the first check that finds the resource up while work remains (a drill still has to delete).
    /// Its recovery time ends then. The step of that check requests no change, so a repeated call cannot lose the mark.
    fn came_up(&self, _facts: &Facts, _mark: &Value, _setting: &Setting) -> Option<Value> {
        None
    }

    /// The next step of removing what a resource that failed leaves behind. None if nothing is left.
    fn remove(&self, _facts: &Facts, _mark: &Value, _setting: &Setting) -> Option<Next> {
        None
    }

    /// True if whatever the resource made is removed after its failure.
    fn removes(&self) -> bool {
        false
    }

    /// The lists that only [`Kind::outcome`] needs. They are read once the resource is up. Without one of them it is up too.
    fn outcome_needs(&self, _setting: &Setting) -> Vec<Need> {
        Vec::new()
    }

    /// The result for the people who use the resource, once it is up.
    fn outcome(&self, _facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        None
    }

    /// The next action. All lists of [`Kind::needs`] have been read. The same facts give the same answer, so a repeated
    /// call repeats no change that AWS already shows as begun.
    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next;
}

/// The next action for one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// Request a change from AWS.
    Ask {
        /// The Region of the change.
        region: Region,
        /// The change.
        change: Change,
        /// The activity that then is in progress, in a few words: `restoring 'orders' from orders-1`.
        then: String,
    },
    /// Request two changes from AWS in this order. The second is requested unless the first failed temporarily. If AWS
    /// refuses the first for good, the report contains its words.
    AskInOrder {
        /// The Region of both changes.
        region: Region,
        /// The first change, whose effect is immediate.
        first: Change,
        /// The second change.
        change: Change,
        /// The activity that then is in progress.
        then: String,
    },
    /// Request a change that a usable database can be up without: of the database itself, or of one that it replaces. If AWS
    /// refuses it for good, the database is up nevertheless.
    Adjust {
        /// The Region of the change.
        region: Region,
        /// A change that is requested before, as in [`Next::AskInOrder`].
        first: Option<Change>,
        /// The change.
        change: Change,
        /// The activity that then is in progress.
        then: String,
        /// The database without the change, after "is up, but": `without its standby`. The kind finds this text in
        /// [`Setting::lacks`] then, and does not request the change again.
        without: String,
    },
    /// Wait for the end of such a change. When the time of the kind is over, the database is up without it.
    Adjusting {
        /// The thing and its status.
        what: String,
        /// As in [`Next::Adjust`].
        without: String,
    },
    /// Wait. The text names the thing and its status.
    Wait(String),
    /// The resource is up.
    Done,
    /// The resource is up, with something that people must know. The text follows "is up, but".
    UpBut(String),
    /// The resource is up, and these changes are requested once, in the worker's own Region.
    Tidy {
        /// The changes, each with the consequence of its failure. The report contains those that fail, and the next execution
        /// makes them.
        changes: Vec<(Change, String)>,
        /// As in [`Next::UpBut`].
        but: Option<String>,
    },
    /// The resource cannot be brought up: the reason, and the way out.
    Failed(String),
}

/// An instance as [`Kind::acts_on`] names it.
pub(crate) fn instance_in(region: &Region, name: &impl std::fmt::Display) -> String {
    format!("db/{region}/{name}")
}
