//! Two wrong parameters of one resource: each is reported, and nothing else, whatever the other one is.

use pilot_light_tests::recovery::Stop;
use serde_json::{Value, json};

use super::faults::{self, Fault};
use super::world::World;

/// Values that nobody can read.
const UNREADABLE: [&str; 2] = ["!Import gone", "{{resolve:secretsmanager:gone}}"];

/// The parameters that determine engine, version and size of the data.
const OF_DATA: [&str; 5] =
    ["SourceDBInstanceIdentifier", "SourceAccount", "At", "originDB", "SourceRDSInstanceIdentifier"];

/// The faults that only the data shows.
const SHOWN_BY_DATA: [&str; 7] = [
    "which AWS does not offer",
    "; AWS offers ",
    "GiB",
    "of the family mysql",
    "of the family postgres13",
    "pg13",
    "is of-mysql",
];

/// True if the fault follows from both parameters. Nobody knows it as long as the other one cannot be read.
fn follows_from(fault: &Fault, other: &str) -> bool {
    let is_of_data =
        OF_DATA.contains(&other) || fault.kind == "RestoreDrill" && other == "DBInstanceIdentifier";
    match (fault.parameter, other) {
        // Two names of one parameter.
        ("rds_subnet_group", "DBSubnetGroupName") | ("DBSecurityGroup", "VpcSecurityGroupIds") => true,
        (
            "SourceRDSInstanceIdentifier" | "SourceDBClusterIdentifier" | "Engine" | "EngineVersion",
            "SourceRegion",
        ) => true,
        ("Engine", "SourceDBClusterIdentifier") => true,
        ("KmsKeyId", "SourceDBClusterIdentifier" | "SourceRegion") => fault.expected.contains("encrypted"),
        ("Iops", "StorageType") => fault.expected.contains("GiB"),
        (
            "VpcSecurityGroupIds" | "DBSecurityGroup",
            "DBSubnetGroupName" | "DBSubnetGroup" | "rds_subnet_group",
        ) => fault.expected.contains("is in vpc-"),
        _ => is_of_data && SHOWN_BY_DATA.iter().any(|part| fault.expected.contains(part)),
    }
}

/// The parameters with a problem in the validation of one resource, each as often as it has one.
fn named(world: &World, fault: &Fault, resource: &Value) -> (Vec<String>, String) {
    let layer = json!({"layer": 2, "resources": [resource]});
    let mut execution = world.estate.execution(fault.place, fault.purpose, "run-1");
    let stop = execution.validate(&json!({"StatePayload": [layer]})).unwrap_err();
    let said = Stop::error(stop).to_string();
    let place = format!("layer 2, resource 'wrong' ({}), ", fault.kind);
    let name = |line: &str| {
        let name = line.strip_prefix(&place).and_then(|line| line.split_once(": "));
        name.map_or_else(|| line.to_owned(), |(name, _)| name.to_owned())
    };
    let mut names: Vec<String> = said.lines().skip(1).map(name).collect();
    names.sort();
    (names, said)
}

#[test]
fn a_parameter_that_cannot_be_read_neither_hides_nor_invents_a_fault() {
    let world = World::with_everything();
    for (n, fault) in faults::ALL.iter().enumerate() {
        let wrong = fault.resource(&world);
        let names: Vec<&String> = wrong["parameters"].as_object().unwrap().keys().collect();
        for other in names.into_iter().filter(|name| *name != fault.parameter) {
            let mut resource = wrong.clone();
            resource["parameters"][other] = json!(UNREADABLE[n % UNREADABLE.len()]);
            let fault_name = (!follows_from(fault, other)).then_some(fault.parameter.to_owned());
            let mut expected: Vec<String> = fault_name.into_iter().chain([other.clone()]).collect();
            expected.sort();
            let (names, said) = named(&world, fault, &resource);
            assert_eq!(names, expected, "{}\n{said}", fault.expected);
        }
    }
}

#[test]
fn every_wrong_parameter_of_a_resource_is_reported_at_once() {
    let world = World::new();
    let fault = &faults::ALL[0];
    let mut resource = fault.resource(&world);
    let wrong = [
        ("DBInstanceClass", "db.nope"),
        ("DBParameterGroupName", "pg13"),
        ("DBSubnetGroupName", "nope"),
        ("MultiAZ", "yes"),
        ("OptionGroupName", "of-mysql"),
        ("Port", "70000"),
        ("StorageType", "floppy"),
        ("Tags", "a=1,a=2"),
        ("VpcSecurityGroupIds", "sg-0123"),
    ];
    for (name, value) in wrong {
        resource["parameters"][name] = json!(value);
    }
    let (names, said) = named(&world, fault, &resource);
    assert_eq!(names, wrong.map(|(name, _)| name.to_owned()), "{said}");
}

#[test]
fn two_wrong_parameters_of_one_resource_are_both_reported() {
    let world = World::with_everything();
    for fault in faults::ALL {
        let is_beside = |other: &&Fault| {
            // Only the resource of a fault of `KmsKeyId` has an encrypted source, so that fault is the first of two.
            other.kind == fault.kind
                && ![fault.parameter, "KmsKeyId"].contains(&other.parameter)
                && !follows_from(fault, other.parameter)
                && !follows_from(other, fault.parameter)
        };
        for other in faults::ALL.iter().filter(is_beside) {
            let mut resource = fault.resource(&world);
            resource["parameters"][other.parameter] =
                other.resource(&world)["parameters"][other.parameter].clone();
            let mut expected: Vec<String> = [fault, other].map(|fault| fault.parameter.to_owned()).into();
            expected.sort();
            let (names, said) = named(&world, fault, &resource);
            assert_eq!(names, expected, "{} and {}\n{said}", fault.expected, other.expected);
        }
    }
}
