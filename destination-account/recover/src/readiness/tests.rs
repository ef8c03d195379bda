mod faults;
mod members;
mod whole;

use pilot_light_domain::recovery::{
    EngineVersion, Key, Lookup, OptionGroup, Orderable, ParameterGroup, Quota, Quotas, SecurityGroup,
    SubnetGroup,
};
use pilot_light_domain::testing::at;
use proptest::prelude::*;

use super::*;
use crate::facts::Need;
use crate::kinds::Kind;
use crate::kinds::create_replica::CreateRDSReadReplica;
use crate::kinds::drill::RestoreDrill;
use crate::kinds::refresh::RefreshFromSnapshot;
use crate::kinds::restore_from_snapshot::RestoreFromSnapshot;
use crate::testing::{EAST, HERE, WEST, facts_of, instance, our_copy, read, region, setting, with};

static NO_NAMES: BTreeSet<String> = BTreeSet::new();
const KEY_ARN: &str = "arn:aws:kms:us-west-2:222222222222:key/k1";
/// A manifest without any finding.
const GOOD: &[(&str, &str)] = &[
    ("DBInstanceIdentifier", "orders"),
    ("DBInstanceClass", "db.r6g.large"),
    ("DBSubnetGroupName", "private"),
    ("VpcSecurityGroupIds", "sg-1"),
    ("DBParameterGroupName", "pg16"),
    ("OptionGroupName", "og16"),
    ("MultiAZ", "true"),
    ("StorageType", "gp3"),
    ("Port", "5432"),
];

/// A copy of 100 GiB with version 16.4, and every list that [`GOOD`] needs.
fn facts() -> Facts {
    let mut copy = our_copy("orders-1", "orders", "2026-01-01T23:00:00Z");
    copy.engine_version = Some("16.4".into());
    copy.license_model = Some("postgresql-license".into());
    copy.storage_type = Some("gp3".into());
    copy.allocated_gib = Some(100);
    copy.kms_key = Some(KEY_ARN.into());
    let mut facts = facts_of([copy]);
    let lists = [
        (Lookup::SubnetGroups, Found::SubnetGroups(subnet_groups())),
        (Lookup::SecurityGroups(vec!["sg-1".to_owned()]), security_groups()),
        (Lookup::ParameterGroups, Found::ParameterGroups(parameter_groups())),
        (Lookup::OptionGroups, Found::OptionGroups(option_groups())),
        (version("16.4"), listed("postgres16", "available")),
        (offer("16.4", Some("db.r6g.large")), Found::Orderable(rows("db.r6g.large"))),
        (offer("16.4", None), Found::Orderable([rows("db.r6g.large"), rows("db.r6i.large")].concat())),
        (Lookup::Quotas, quotas(1, 40)),
        (Lookup::Key(KEY_ARN.to_owned()), key("Enabled", HERE)),
    ];
    for (lookup, found) in lists {
        set(&mut facts, lookup, found);
    }
    facts
}

fn set(facts: &mut Facts, lookup: Lookup, found: Found) {
    facts.lookups.insert(Need::Lookup(region(HERE), lookup), found);
}

fn subnet_groups() -> Vec<SubnetGroup> {
    let group = |name: &str, vpc: &str, zones: &[&str], status: &str| SubnetGroup {
        name: name.to_owned(),
        vpc: Some(vpc.to_owned()),
        zones: zones.iter().map(ToString::to_string).collect(),
        status: status.to_owned(),
    };
    vec![
        group("private", "vpc-1", &["us-west-2a", "us-west-2b"], "Complete"),
        group("narrow", "vpc-1", &["us-west-2a"], "Complete"),
        group("remote", "vpc-1", &["us-west-2d", "us-west-2e"], "Complete"),
        group("empty", "vpc-1", &[], "Complete"),
        group("half", "vpc-1", &["us-west-2a"], "Incomplete"),
        group("other", "vpc-2", &["us-west-2a", "us-west-2b"], "Complete"),
    ]
}

fn security_groups() -> Found {
    Found::SecurityGroups(vec![SecurityGroup { id: "sg-1".to_owned(), vpc: "vpc-1".to_owned() }])
}

fn parameter_groups() -> Vec<ParameterGroup> {
    let group =
        |name: &str, family: &str| ParameterGroup { name: name.to_owned(), family: family.to_owned() };
    vec![group("pg16", "postgres16"), group("pg13", "postgres13")]
}

fn option_groups() -> Vec<OptionGroup> {
    let group = |name: &str, engine: &str, major: &str, vpc: Option<&str>| OptionGroup {
        name: name.to_owned(),
        engine: engine.to_owned(),
        major: major.to_owned(),
        vpc: vpc.map(str::to_owned),
    };
    vec![
        group("og16", "postgres", "16", None),
        group("og13", "postgres", "13", None),
        group("ogmysql", "mysql", "8.0", None),
        group("ogbound", "postgres", "16", Some("vpc-9")),
    ]
}

fn version(version: &str) -> Lookup {
    Lookup::EngineVersion { engine: "postgres".to_owned(), version: version.to_owned() }
}

fn listed(family: &str, status: &str) -> Found {
    Found::EngineVersion(Some(EngineVersion {
        family: Some(family.to_owned()),
        status: Some(status.to_owned()),
    }))
}

fn offer(version: &str, class: Option<&str>) -> Lookup {
    let (engine, version) = ("postgres".to_owned(), Some(version.to_owned()));
    Lookup::Orderable { engine, version, class: class.map(str::to_owned) }
}

fn rows(class: &str) -> Vec<Orderable> {
    let row = |kind: &str, least| Orderable {
        class: class.to_owned(),
        license: "postgresql-license".to_owned(),
        storage_type: kind.to_owned(),
        multi_az: true,
        zones: ["us-west-2a", "us-west-2b"].map(str::to_owned).into(),
        gib: (Some(least), Some(65_536)),
        iops: (None, None),
        global: None,
    };
    vec![row("gp2", 20), row("gp3", 20), row("io1", 200), row("io2", 100)]
}

fn quotas(used: u64, max: u64) -> Found {
    let storage_gib = Some(Quota { used: 0, max: 100_000 });
    Found::Quotas(Quotas { instances: Some(Quota { used, max }), storage_gib })
}

fn key(state: &str, of: &str) -> Found {
    Found::Key(Some(Key { arn: KEY_ARN.to_owned(), state: state.to_owned(), region: region(of) }))
}

/// The findings about one resource with these parameters, each as `LEVEL PARAMETER: …`.
fn found<K: Kind>(facts: &Facts, pairs: &[(&str, &str)]) -> Vec<String> {
    let setting = setting(HERE, "run-1");
    let kind: K = read(&setting, pairs);
    let given: Vec<String> = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
    let demands = kind.demands(facts, &setting);
    let placed = demands.into_iter().map(|demand| placed(1, &given, demand)).collect::<Vec<_>>();
    written_out(&readiness(&placed, &[], facts))
}

fn placed<'a>(layer: u32, given: &'a [String], demand: Demand) -> Placed<'a> {
    Placed {
        index: 0,
        place: "layer 1, resource 'orders'",
        resource: "orders",
        layer,
        given,
        unread: &NO_NAMES,
        demand,
    }
}

fn written_out(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        format!("{:?} {}: {}", finding.level, finding.parameter.as_deref().unwrap_or("-"), finding.what)
    };
    findings.iter().map(line).collect()
}

fn restore(other: &[(&str, &str)]) -> Vec<String> {
    found::<RestoreFromSnapshot>(&facts(), &with(GOOD, other))
}

fn without(name: &str) -> Vec<String> {
    let pairs: Vec<_> = GOOD.iter().copied().filter(|(given, _)| *given != name).collect();
    found::<RestoreFromSnapshot>(&facts(), &pairs)
}

#[track_caller]
fn one(findings: &[String], expected: &str) {
    assert!(findings.len() == 1 && findings[0].contains(expected), "{expected}\n{findings:#?}");
}
