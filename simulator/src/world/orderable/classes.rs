//! A small catalogue of instance classes, in the form of AWS's: families, their sizes, and the engines they run.
//!
//! Regions differ only by a setting (`not_offered`). The real lists are longer, and differ by minor version.

use crate::world::api::error::{ApiError, invalid_value};

/// The processors of a family, which decide the engines that it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Processors {
    Intel,
    /// AWS's own, for open-source engines and Aurora.
    Graviton,
    /// A generation that AWS no longer offers for any version.
    Former,
}

struct Family {
    name: &'static str,
    sizes: &'static [&'static str],
    processors: Processors,
}

const BURSTABLE: &[&str] = &["micro", "small", "medium", "large", "xlarge", "2xlarge"];
const INTEL: &[&str] =
    &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
const LATE_INTEL: &[&str] =
    &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"];
const GRAVITON: &[&str] = &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
const FORMER: &[&str] = &["micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "10xlarge"];

const fn family(name: &'static str, sizes: &'static [&'static str], processors: Processors) -> Family {
    Family { name, sizes, processors }
}

const FAMILIES: [Family; 15] = [
    family("m4", FORMER, Processors::Former),
    family("m5", INTEL, Processors::Intel),
    family("m6g", GRAVITON, Processors::Graviton),
    family("m6i", LATE_INTEL, Processors::Intel),
    family("m7g", GRAVITON, Processors::Graviton),
    family("m7i", LATE_INTEL, Processors::Intel),
    family("r4", FORMER, Processors::Former),
    family("r5", INTEL, Processors::Intel),
    family("r6g", GRAVITON, Processors::Graviton),
    family("r6i", LATE_INTEL, Processors::Intel),
    family("r7g", GRAVITON, Processors::Graviton),
    family("r7i", LATE_INTEL, Processors::Intel),
    family("t2", FORMER, Processors::Former),
    family("t3", BURSTABLE, Processors::Intel),
    family("t4g", BURSTABLE, Processors::Graviton),
];
/// Classes with more memory or other threads, for Oracle alone.
const OF_ORACLE: [&str; 3] =
    ["db.r5.6xlarge.tpc2.mem4x", "db.r5.large.tpc1.mem2x", "db.r5b.large.tpc1.mem2x"];
const SERVERLESS: &str = "db.serverless";

/// A class that AWS offers for some engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Class {
    family: &'static str,
    size: &'static str,
    processors: Processors,
}

/// All classes that have a family and a size, former ones too.
fn all() -> impl Iterator<Item = Class> {
    FAMILIES.iter().flat_map(|family| {
        let class = |size: &&'static str| Class { family: family.name, size, processors: family.processors };
        family.sizes.iter().map(class)
    })
}

/// The names of all classes that AWS offers for this engine and version.
pub(super) fn of(engine: &'static str, version: &'static str) -> impl Iterator<Item = String> {
    let special = OF_ORACLE.into_iter().chain([SERVERLESS]).map(str::to_owned);
    all().map(Class::name).chain(special).filter(move |class| runs(class, engine, version))
}

/// Refuses a class that does not exist for any engine.
pub(in crate::world) fn check_exists(class: &str) -> Result<(), ApiError> {
    let is_special = class == SERVERLESS || OF_ORACLE.contains(&class);
    if is_special || all().any(|one| one.name() == class) {
        return Ok(());
    }
    // The text is recorded: ryanmurakami/trash-panda-buffet issue 5.
    Err(invalid_value(format!("Invalid DB Instance class: {class}")))
}

/// True if AWS offers the class for this engine and version.
pub(super) fn runs(class: &str, engine: &str, version: &str) -> bool {
    if class == SERVERLESS {
        return engine.starts_with("aurora");
    }
    if OF_ORACLE.contains(&class) {
        return engine.starts_with("oracle");
    }
    all().any(|one| one.name() == class && one.runs(engine, version))
}

/// False for a burstable class, which no member of a global cluster may have.
pub(in crate::world) fn runs_globally(class: &str) -> bool {
    !class.starts_with("db.t")
}

/// True for the class of a member whose capacity its cluster decides.
pub(in crate::world) fn is_serverless(class: &str) -> bool {
    class == SERVERLESS
}

impl Class {
    /// `DBInstanceClass`.
    fn name(self) -> String {
        format!("db.{}.{}", self.family, self.size)
    }

    fn runs(self, engine: &str, version: &str) -> bool {
        let is_open_source =
            ["aurora", "mariadb", "mysql", "postgres"].iter().any(|name| engine.starts_with(name));
        // AWS offers the smallest size to the open-source engines, and to the free edition of SQL Server.
        let is_small_enough = self.size != "micro" || is_open_source || engine == "sqlserver-ex";
        match self.processors {
            Processors::Former => false,
            Processors::Intel => is_small_enough,
            Processors::Graviton => is_open_source && !version.starts_with("5."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_runs_only_the_engines_and_versions_that_aws_offers_it_for() {
        for (class, engine, version, expected) in [
            ("db.m6g.large", "postgres", "16.4", true),
            ("db.m6g.large", "sqlserver-se", "15.00.4395.2.v1", false),
            ("db.m6g.large", "mysql", "5.7.44", false),
            ("db.m5.large", "mysql", "5.7.44", true),
            ("db.t3.micro", "oracle-se2", "19", false),
            ("db.t3.micro", "sqlserver-ex", "15.00.4395.2.v1", true),
            ("db.t2.micro", "mysql", "8.0.39", false),
            ("db.serverless", "aurora-mysql", "8.0.mysql_aurora.3.08.0", true),
            ("db.serverless", "postgres", "16.4", false),
            ("db.r5.6xlarge.tpc2.mem4x", "oracle-ee", "19", true),
            ("db.r5.6xlarge.tpc2.mem4x", "postgres", "16.4", false),
        ] {
            assert_eq!(runs(class, engine, version), expected, "{class} {engine} {version}");
        }
    }

    #[test]
    fn classes_without_a_family_are_listed_for_their_engines() {
        let lists = |class: &str, engine, version| of(engine, version).any(|one| one == class);
        assert!(lists("db.serverless", "aurora-mysql", "8.0.mysql_aurora.3.08.0"));
        assert!(lists("db.r5.large.tpc1.mem2x", "oracle-ee", "19"));
        assert!(!lists("db.serverless", "postgres", "16.4") && !lists("db.t2.micro", "mysql", "8.0.39"));
    }

    #[test]
    fn former_classes_exist_and_invented_ones_do_not() {
        for class in ["db.t2.micro", "db.r6g.16xlarge", "db.serverless", "db.r5.6xlarge.tpc2.mem4x"] {
            assert_eq!(check_exists(class), Ok(()), "{class}");
        }
        for class in
            ["db.nope", "t3.micro", "db.t3", "db.db.t3.micro", "db.t3.tiny", "db.t3.micro2", "db", ""]
        {
            let refused = check_exists(class).unwrap_err().to_string();
            assert_eq!(refused, format!("InvalidParameterValue: Invalid DB Instance class: {class}"));
        }
    }
}
