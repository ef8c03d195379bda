//! Properties that follow from an engine alone. Groups and versions have modules of their own.

use pilot_light_domain::model::database::Engine;

use super::record::InstanceOptions;
use crate::world::orderable::licences;

/// `LicenseModel` of an instance or snapshot: the requested one, else the default of its engine.
pub(crate) fn license<'a>(engine: &Engine, options: &'a InstanceOptions) -> &'a str {
    let default = || licences(&engine.0).first().copied().unwrap_or_default();
    options.license_model.as_deref().unwrap_or_else(default)
}

/// True for an engine whose old versions AWS supports at extra cost.
pub(crate) fn is_open_source(engine: &Engine) -> bool {
    ["mysql", "postgres", "aurora"].contains(&family(&engine.0))
}

/// The first part of an engine's name, as in `oracle`.
pub(crate) fn family(engine: &str) -> &str {
    engine.split('-').next().unwrap_or(engine)
}
