//! Properties that follow from an engine: its licence, and the first part of its name.

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

/// The first part of an engine's name, as in `oracle`.
pub(crate) fn family(engine: &str) -> &str {
    engine.split('-').next().unwrap_or(engine)
}
