//! A small AWS for tests: instances that change one tick after the request, and a record of every change.

mod cloud;
mod drive;
mod world;

pub(crate) use cloud::FakeCloud;
pub(crate) use drive::{Drive, facts, setting};
pub(crate) use world::{World, instance, our_copy, own_snapshot};

/// The account and Region of the worker, and the account and Region of the databases.
pub(crate) const ACCOUNT: &str = "222222222222";
pub(crate) const HERE: &str = "us-west-2";
pub(crate) const SOURCE: &str = "111111111111";
pub(crate) const THERE: &str = "us-east-1";
