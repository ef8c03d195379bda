//! The part of EC2 that databases need, in EC2's own dialect of the query protocol: lists without a member name, answers
//! without a result element, and errors in a list.

pub(super) mod decode;
pub(super) mod encode;
