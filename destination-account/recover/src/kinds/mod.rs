//! The kinds of resources that a manifest may name, each in a file of its own.
//!
//! A kind decides from facts alone and asks for one change at a time. It does not wait, poll, call or count: the
//! steps around it do.

mod aurora;
pub(crate) mod aurora_secondary;
#[cfg(test)]
mod aurora_testing;
pub(crate) mod create_replica;
pub(crate) mod drill;
pub(crate) mod elasticache;
pub(crate) mod planned_failover_aurora;
pub(crate) mod promote_replica;
pub(crate) mod refresh;
pub(crate) mod restore_from_snapshot;
mod restoring;
pub(crate) mod unplanned_failover_aurora;

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::Change;
use serde_json::Value;

use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;

/// A resource of one kind, its parameters read.
pub(crate) trait Kind: Sized {
    /// `resourceType` in a manifest.
    const NAME: &'static str;

    /// How many checks it may take at most, of 15 s each, before it counts as failed.
    const POLLS: u32;

    /// Reads the parameters; what is wrong is left in `fields`. None if what is there does not make one.
    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self>;

    /// Which lists its decisions need.
    fn needs(&self, setting: &Setting) -> Vec<Need>;

    /// What it acts on (`db/REGION/NAME`, `cluster/…`, `global/ID`, `datastore/ID`): two resources of a manifest must not
    /// act on one thing.
    fn acts_on(&self, setting: &Setting) -> Vec<String>;

    /// What keeps it from being started, as far as the facts tell: said by `validate`, with the parameter it lies in.
    /// Nothing, if it is already done or under way.
    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)>;

    /// What is to be remembered of the state before the start, so that no check passes on it. Nothing, where what is
    /// looked at tells before from after by itself: a tag of ours, who the writer is, whom a replica follows.
    fn mark(&self, _facts: &Facts, _setting: &Setting) -> Value {
        Value::Null
    }

    /// The mark from now on, at the first look that finds it up while something is left to do: a drill still has to
    /// delete. Its seconds stop then. Nothing is asked of AWS in that look, so that no repeated call can lose it.
    fn came_up(&self, _facts: &Facts, _mark: &Value, _setting: &Setting) -> Option<Value> {
        None
    }

    /// What comes next; its [`Kind::needs`] are all there. The same facts give the same answer, so a call that is repeated repeats nothing that AWS
    /// shows as begun.
    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next;
}

/// What comes next for one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// Ask this of AWS.
    Ask {
        /// In which Region.
        region: Region,
        /// What.
        change: Change,
        /// What then is waited for, in a few words.
        then: String,
    },
    /// Wait, in a few words for what.
    Wait(String),
    /// It is up.
    Done,
    /// It is up, and this is asked of AWS in its own Region besides, once: what does not succeed is told, and left to
    /// the next execution. Each with what has not happened then.
    Tidy(Vec<(Change, String)>),
    /// It cannot be brought up: why, and the way out.
    Failed(String),
}
