//! The API of the world: requests, responses, errors, and the rules that all actions share.
//!
//! The actions themselves are in the modules of their resources.

mod account_attributes;
pub(super) mod error;
pub(super) mod names;
pub(super) mod paging;
pub(super) mod request;
pub(super) mod response;
mod tags;
