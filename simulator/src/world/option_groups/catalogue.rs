//! The options of the engines, and which of them are persistent or permanent.
//!
//! The source is "Working with option groups" and "Sharing a DB snapshot" in the RDS user guide. OLS is permanent and
//! persistent from Oracle 12.2 on, which is every version of the catalogue.

/// An option that an engine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OptionKind {
    pub(crate) name: &'static str,
    /// It cannot be removed from a group while instances use the group.
    pub(crate) persistent: bool,
    /// It can never be removed from a group.
    pub(crate) permanent: bool,
}

const fn plain(name: &'static str) -> OptionKind {
    OptionKind { name, persistent: false, permanent: false }
}

const fn persistent(name: &'static str) -> OptionKind {
    OptionKind { persistent: true, ..plain(name) }
}

const fn permanent(name: &'static str) -> OptionKind {
    OptionKind { permanent: true, ..persistent(name) }
}

const SQL_SERVER: &[OptionKind] = &[
    plain("MSDTC"),
    plain("SQLSERVER_AUDIT"),
    plain("SQLSERVER_BACKUP_RESTORE"),
    plain("SSAS"),
    plain("SSIS"),
    plain("SSRS"),
];
const SQL_SERVER_TDE: OptionKind = persistent("TDE");
const ORACLE: &[OptionKind] = &[
    plain("APEX"),
    plain("NATIVE_NETWORK_ENCRYPTION"),
    plain("OEM"),
    plain("OEM_AGENT"),
    plain("S3_INTEGRATION"),
    plain("SSL"),
    plain("STATSPACK"),
    permanent("Timezone"),
];
const ORACLE_ENTERPRISE: &[OptionKind] = &[permanent("OLS"), permanent("TDE")];
const AUDIT: &[OptionKind] = &[plain("MARIADB_AUDIT_PLUGIN")];
const DB2: &[OptionKind] = &[plain("DB2_AUDIT")];

/// The option of an engine. PostgreSQL has none.
pub(crate) fn option(engine: &str, name: &str) -> Option<OptionKind> {
    let named = |one: &&OptionKind| one.name.eq_ignore_ascii_case(name);
    let found = match engine.split('-').next() {
        Some("sqlserver") => SQL_SERVER.iter().find(named),
        Some("oracle") => ORACLE.iter().find(named),
        Some("mysql" | "mariadb") => AUDIT.iter().find(named),
        Some("db2") => DB2.iter().find(named),
        _ => None,
    };
    let of_enterprise = || match engine {
        "sqlserver-ee" | "sqlserver-se" => Some(&SQL_SERVER_TDE).filter(named),
        _ if engine.starts_with("oracle-ee") => ORACLE_ENTERPRISE.iter().find(named),
        _ => None,
    };
    found.or_else(of_enterprise).copied()
}

/// True for the two options of Oracle with which AWS allows sharing although they are permanent.
pub(crate) fn can_be_shared(engine: &str, option: &str) -> bool {
    engine.starts_with("oracle") && ["Timezone", "OLS"].contains(&option)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_documented_options_are_persistent_or_permanent() {
        for (engine, name, expected) in [
            ("oracle-ee", "TDE", Some((true, true))),
            ("oracle-ee-cdb", "OLS", Some((true, true))),
            ("oracle-se2", "Timezone", Some((true, true))),
            ("oracle-se2", "TDE", None),
            ("oracle-ee", "SSL", Some((false, false))),
            ("sqlserver-ee", "TDE", Some((true, false))),
            ("sqlserver-ex", "TDE", None),
            ("sqlserver-ex", "SQLSERVER_BACKUP_RESTORE", Some((false, false))),
            ("mysql", "MARIADB_AUDIT_PLUGIN", Some((false, false))),
            ("postgres", "Timezone", None),
        ] {
            let found = option(engine, name).map(|kind| (kind.persistent, kind.permanent));
            assert_eq!(found, expected, "{engine} {name}");
        }
    }
}
