//! A small catalogue of engine versions, in the form of AWS's. Regions do not differ.
//!
//! The versions are real ones of 2024 and 2025. Their status is a choice of this catalogue, so that it contains deprecated
//! versions with and without upgrade targets.

/// A version of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineVersion {
    /// `Engine`.
    pub engine: &'static str,
    /// `EngineVersion`.
    pub version: &'static str,
    /// Whether its `Status` is `available`. Otherwise it is `deprecated`.
    pub is_available: bool,
    /// Whether it is the default version of its engine.
    pub is_default: bool,
    /// The versions of `ValidUpgradeTarget`.
    pub targets: &'static [&'static str],
}

const ORACLE: &str = "19.0.0.0.ru-2024-10.rur-2024-10.r1";
const LATER_ORACLE: &str = "19.0.0.0.ru-2025-04.rur-2025-04.r1";
const CDB: &str = "21.0.0.0.ru-2024-10.rur-2024-10.r1";
const LATER_CDB: &str = "21.0.0.0.ru-2025-04.rur-2025-04.r1";
const SQL_2017: &str = "14.00.3485.1.v1";
const SQL_2019: &str = "15.00.4395.2.v1";
const SQL_2022: &str = "16.00.4175.1.v1";
const DB2: &str = "11.5.9.0.sb00027487.r1";
const CUSTOM_SQL: &str = "15.00.4345.5.v1";

const fn available(
    engine: &'static str,
    version: &'static str,
    targets: &'static [&'static str],
) -> EngineVersion {
    EngineVersion { engine, version, is_available: true, is_default: false, targets }
}

const fn default(
    engine: &'static str,
    version: &'static str,
    targets: &'static [&'static str],
) -> EngineVersion {
    EngineVersion { is_default: true, ..available(engine, version, targets) }
}

const fn deprecated(
    engine: &'static str,
    version: &'static str,
    targets: &'static [&'static str],
) -> EngineVersion {
    EngineVersion { is_available: false, ..available(engine, version, targets) }
}

/// All versions, by engine and version.
pub(crate) const VERSIONS: &[EngineVersion] = &[
    default("aurora-mysql", "8.0.mysql_aurora.3.08.0", &[]),
    default("aurora-postgresql", "16.4", &["16.8"]),
    available("aurora-postgresql", "16.8", &[]),
    default("custom-sqlserver-ee", CUSTOM_SQL, &[]),
    default("custom-sqlserver-se", CUSTOM_SQL, &[]),
    default("custom-sqlserver-web", CUSTOM_SQL, &[]),
    default("db2-ae", DB2, &[]),
    default("db2-se", DB2, &[]),
    deprecated("mariadb", "10.4.34", &["10.6.20", "10.11.9"]),
    available("mariadb", "10.6.20", &["10.11.9", "11.4.4"]),
    default("mariadb", "10.11.9", &["11.4.4"]),
    available("mariadb", "11.4.4", &[]),
    deprecated("mysql", "5.6.51", &[]),
    deprecated("mysql", "5.7.44", &["8.0.39", "8.0.40"]),
    default("mysql", "8.0.39", &["8.0.40", "8.4.3"]),
    available("mysql", "8.0.40", &["8.4.3"]),
    available("mysql", "8.4.3", &[]),
    default("oracle-ee", ORACLE, &[LATER_ORACLE]),
    available("oracle-ee", LATER_ORACLE, &[]),
    default("oracle-ee-cdb", ORACLE, &[LATER_ORACLE]),
    available("oracle-ee-cdb", LATER_ORACLE, &[]),
    available("oracle-ee-cdb", CDB, &[LATER_CDB]),
    available("oracle-ee-cdb", LATER_CDB, &[]),
    default("oracle-se2", ORACLE, &[LATER_ORACLE]),
    available("oracle-se2", LATER_ORACLE, &[]),
    default("oracle-se2-cdb", ORACLE, &[LATER_ORACLE]),
    available("oracle-se2-cdb", LATER_ORACLE, &[]),
    deprecated("postgres", "11.22", &["12.22", "13.20"]),
    deprecated("postgres", "12.22", &["13.20", "14.17"]),
    deprecated("postgres", "13.7", &["13.20", "14.17"]),
    available("postgres", "13.20", &["14.17", "16.8"]),
    available("postgres", "14.17", &["16.8", "17.4"]),
    default("postgres", "16.4", &["16.8", "17.4"]),
    available("postgres", "16.8", &["17.4"]),
    available("postgres", "17.4", &[]),
    deprecated("sqlserver-ee", SQL_2017, &[SQL_2019, SQL_2022]),
    default("sqlserver-ee", SQL_2019, &[SQL_2022]),
    available("sqlserver-ee", SQL_2022, &[]),
    default("sqlserver-ex", SQL_2019, &[SQL_2022]),
    available("sqlserver-ex", SQL_2022, &[]),
    default("sqlserver-se", SQL_2019, &[SQL_2022]),
    available("sqlserver-se", SQL_2022, &[]),
    default("sqlserver-web", SQL_2019, &[SQL_2022]),
    available("sqlserver-web", SQL_2022, &[]),
];

/// The version with these names, available or deprecated.
pub(crate) fn find(engine: &str, version: &str) -> Option<&'static EngineVersion> {
    VERSIONS.iter().find(|one| one.engine == engine && one.version == version)
}

/// True if the catalogue contains the engine.
pub(crate) fn knows(engine: &str) -> bool {
    VERSIONS.iter().any(|one| one.engine == engine)
}

/// The major version of a version: the unit of option groups and parameter groups.
///
/// Oracle, and PostgreSQL since version 10, count majors by the first number; other engines by the first two.
pub(crate) fn major(engine: &str, version: &str) -> String {
    let counts_one = ["postgres", "oracle", "aurora-postgresql"].iter().any(|name| engine.starts_with(name));
    let numbers: Vec<&str> = version.split('.').take(if counts_one { 1 } else { 2 }).collect();
    numbers.join(".")
}

/// `DBParameterGroupFamily` of a version.
pub(crate) fn family(engine: &str, version: &str) -> String {
    let major = major(engine, version);
    match engine.split('-').next() {
        // AWS writes 15.0 for the major version 15.00.
        Some("sqlserver" | "custom") => format!("{engine}-{}", major.replace(".00", ".0")),
        Some("oracle" | "db2") => format!("{engine}-{major}"),
        _ => format!("{engine}{major}"),
    }
}

impl EngineVersion {
    /// `MajorEngineVersion`.
    #[must_use]
    pub fn major(&self) -> String {
        major(self.engine, self.version)
    }

    /// The major version of another version of the engine.
    #[must_use]
    pub fn major_of(&self, version: &str) -> String {
        major(self.engine, version)
    }

    /// `DBParameterGroupFamily`.
    #[must_use]
    pub fn family(&self) -> String {
        family(self.engine, self.version)
    }

    /// `Status`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.is_available { "available" } else { "deprecated" }
    }

    /// `ExportableLogTypes`.
    #[must_use]
    pub fn logs(&self) -> &'static [&'static str] {
        match self.engine.split('-').next() {
            Some("postgres") => &["postgresql", "upgrade"],
            Some("mysql" | "mariadb") => &["audit", "error", "general", "slowquery"],
            Some("oracle") => &["alert", "audit", "listener", "trace"],
            Some("sqlserver") => &["agent", "error"],
            Some("db2") => &["diag.log", "notify.log"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_has_one_default_version_and_upgrades_only_to_versions_of_its_own() {
        for one in VERSIONS {
            let defaults = VERSIONS.iter().filter(|other| other.engine == one.engine && other.is_default);
            assert_eq!(defaults.count(), 1, "{}", one.engine);
            assert!(one.targets.iter().all(|target| find(one.engine, target).is_some()), "{one:?}");
        }
    }

    #[test]
    fn families_and_majors_are_spelled_as_aws_spells_them() {
        for (engine, version, major, family) in [
            ("postgres", "16.4", "16", "postgres16"),
            ("mysql", "8.0.39", "8.0", "mysql8.0"),
            ("mariadb", "10.11.9", "10.11", "mariadb10.11"),
            ("oracle-ee", ORACLE, "19", "oracle-ee-19"),
            ("sqlserver-se", SQL_2019, "15.00", "sqlserver-se-15.0"),
            ("db2-se", DB2, "11.5", "db2-se-11.5"),
            ("aurora-postgresql", "16.4", "16", "aurora-postgresql16"),
            ("aurora-mysql", "8.0.mysql_aurora.3.08.0", "8.0", "aurora-mysql8.0"),
        ] {
            let found = find(engine, version).map(|one| (one.major(), one.family()));
            assert_eq!(found, Some((major.to_owned(), family.to_owned())), "{engine} {version}");
        }
    }
}
