//! Properties that follow from an engine and its version: licence, default groups and default parameters.

use pilot_light_domain::model::database::Engine;

use super::record::Shape;

/// `LicenseModel`.
pub(crate) fn license(engine: &Engine) -> &'static str {
    match family(&engine.0) {
        "postgres" => "postgresql-license",
        "sqlserver" => "license-included",
        "oracle" | "db2" | "custom" => "bring-your-own-license",
        _ => "general-public-license",
    }
}

/// The parameter group of an instance without one of its own, as in `default.postgres16` or `default.mysql8.0`.
pub(crate) fn parameter_group(shape: &Shape) -> String {
    let separator = if ["sqlserver", "oracle", "db2"].contains(&family(&shape.engine.0)) { "-" } else { "" };
    format!("default.{}{separator}{}", shape.engine.0, series(shape).join("."))
}

/// The option group of an instance without one of its own, as in `default:postgres-16` or `default:mysql-8-0`.
pub(crate) fn option_group(shape: &Shape) -> String {
    format!("default:{}-{}", shape.engine.0, series(shape).join("-"))
}

/// True for an engine whose old versions AWS supports at extra cost.
pub(crate) fn is_open_source(engine: &Engine) -> bool {
    ["mysql", "postgres", "aurora"].contains(&family(&engine.0))
}

/// The first part of an engine's name, as in `oracle`.
pub(crate) fn family(engine: &str) -> &str {
    engine.split('-').next().unwrap_or(engine)
}

/// The parts of a version that name its series: one for PostgreSQL and Oracle, two elsewhere.
fn series(shape: &Shape) -> Vec<&str> {
    let count = if ["postgres", "oracle", "aurora"].contains(&family(&shape.engine.0)) { 1 } else { 2 };
    shape.engine_version.split('.').take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_groups_have_the_names_that_aws_gives_them() {
        for (engine, version, parameters, options) in [
            ("postgres", "16.4", "default.postgres16", "default:postgres-16"),
            ("mysql", "8.0.39", "default.mysql8.0", "default:mysql-8-0"),
            ("mariadb", "10.11.9", "default.mariadb10.11", "default:mariadb-10-11"),
            ("oracle-ee", "19.0.0.0", "default.oracle-ee-19", "default:oracle-ee-19"),
            ("sqlserver-se", "15.00.4395.2.v1", "default.sqlserver-se-15.00", "default:sqlserver-se-15-00"),
        ] {
            let shape = Shape {
                resource_id: "db-A".to_owned(),
                engine: Engine(engine.into()),
                engine_version: version.to_owned(),
                class: "db.t3.medium".to_owned(),
                allocated_storage: 20,
                master_username: "admin".to_owned(),
            };
            assert_eq!((parameter_group(&shape), option_group(&shape)), (parameters.into(), options.into()));
        }
    }
}
