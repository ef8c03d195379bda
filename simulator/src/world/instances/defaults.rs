//! Properties that follow from an engine alone. Groups and versions have modules of their own.

use pilot_light_domain::model::database::Engine;

/// `LicenseModel`.
pub(crate) fn license(engine: &Engine) -> &'static str {
    match family(&engine.0) {
        "postgres" => "postgresql-license",
        "sqlserver" => "license-included",
        "oracle" | "db2" | "custom" => "bring-your-own-license",
        _ => "general-public-license",
    }
}

/// True for an engine whose old versions AWS supports at extra cost.
pub(crate) fn is_open_source(engine: &Engine) -> bool {
    ["mysql", "postgres", "aurora"].contains(&family(&engine.0))
}

/// The first part of an engine's name, as in `oracle`.
pub(crate) fn family(engine: &str) -> &str {
    engine.split('-').next().unwrap_or(engine)
}
