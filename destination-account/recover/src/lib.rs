//! Brings databases up from one manifest: restores, refreshes, drills, failovers and failbacks.
//!
//! Each kind of resource is a file in [`kinds`], which says what comes next from the facts alone.

mod facts;
mod fields;
mod kinds;
