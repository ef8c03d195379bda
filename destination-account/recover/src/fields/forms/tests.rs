use std::collections::BTreeSet;

use crate::fields::{Fields, Given};
use crate::testing::{fields, names_of};

/// The problem of the only parameter, `P`.
fn problem<T>(text: &str, read: impl Fn(&mut Fields) -> T) -> Option<String> {
    let mut given = fields(&[("P", text)]);
    let _ = read(&mut given);
    let mut problems = given.finish();
    assert!(problems.len() < 2, "{problems:?}");
    problems.pop().map(|problem| problem.what)
}

#[test]
fn a_number_that_is_not_possible_is_reported_with_the_allowed_ones() {
    let of = |text: &str| problem(text, |fields| fields.number::<u16>("P", "1150 to 65535"));
    for fits in ["1150", " 65535 ", "None"] {
        assert_eq!(of(fits), None, "{fits}");
    }
    for (text, expected) in [
        ("70000", "is 70000; AWS allows 1150 to 65535"),
        ("-1", "is -1; AWS allows 1150 to 65535"),
        ("99999999999999999999999", "is 99999999999999999999999; AWS allows 1150 to 65535"),
        ("mysql", "is 'mysql', not a whole number; AWS allows 1150 to 65535"),
        ("3306.0", "is '3306.0', not a whole number; AWS allows 1150 to 65535"),
        ("-", "is '-', not a whole number; AWS allows 1150 to 65535"),
    ] {
        assert_eq!(of(text).as_deref(), Some(expected));
    }
    let of = |text: &str| problem(text, |fields| fields.days("P", 1..=35));
    assert_eq!([of("1"), of("35")], [None, None]);
    for text in ["0", "36", "70000"] {
        assert_eq!(of(text), Some(format!("is {text}; AWS allows 1 to 35 days")));
    }
}

#[test]
fn a_list_that_is_given_has_at_least_one_value() {
    let of = |text: &str| problem(text, |fields| fields.list(&["P"]));
    for fits in ["a", "a,b", "a, b,", "", "None"] {
        assert_eq!(of(fits), None, "{fits}");
    }
    for empty in [",", " , ,"] {
        let said = of(empty).unwrap();
        assert!(
            said.contains("a list without values; write one value, or several separated by commas"),
            "{said}"
        );
    }
    assert_eq!(fields(&[("P", "a, b,")]).list(&["P"]), ["a", "b"]);
    let of = |text: &str| problem(text, |fields| fields.single("P"));
    assert_eq!(of("db.r6g.large"), None);
    assert_eq!(of("a,b").as_deref(), Some("is 'a,b'; this resourceType accepts one value, not a list"));
}

#[test]
fn a_name_that_aws_does_not_create_is_refused_only_where_it_would_be_created() {
    for name in ["orders-", "orders--2", "a---b"] {
        assert_eq!(problem(name, |fields| fields.required_instance(&["P"])), None, "{name}");
        for said in
            [problem(name, |fields| fields.new_instance(&["P"])), problem(name, |fields| fields.group("P"))]
        {
            let expected =
                format!("is '{name}'; AWS allows no hyphen at the end, and no two hyphens in a row");
            assert_eq!(said, Some(expected));
        }
    }
    assert_eq!(problem("Orders-2", |fields| fields.new_instance(&["P"])), None);
}

#[test]
fn a_misspelt_parameter_is_reported_once_with_the_one_that_is_meant() {
    let mut given = fields(&[("DBInstanceIdentifer", "orders"), ("Colour", "red")]);
    assert_eq!(given.new_instance(&["DBInstanceIdentifier"]), None);
    let _: Option<u16> = given.number("Port", "1150 to 65535");
    let unread = ["DBInstanceIdentifier"].map(str::to_owned);
    assert_eq!(given.unread(), BTreeSet::from(unread));
    let problems = given.finish();
    let said: Vec<_> = problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(
        said,
        [
            "is not a parameter of this resourceType; allowed are DBInstanceIdentifier, Port",
            "is not a parameter of this resourceType; did you mean DBInstanceIdentifier? Allowed are DBInstanceIdentifier, Port",
        ]
    );
    assert_eq!(names_of(problems), ["Colour", "DBInstanceIdentifer"]);
}

#[test]
fn a_name_that_cannot_be_read_has_a_stand_in_only_in_a_resource_that_is_examined() {
    let given = || [("P".to_owned(), Given::Unread)].into();
    assert_eq!(Fields::new(given()).stand_in("P"), None);
    let stand_in = |resource: &str, parameter: &str| Fields::examined(given(), resource).stand_in(parameter);
    let all = [stand_in("a", "P"), stand_in("a", "Q"), stand_in("b", "P")].map(Option::unwrap);
    assert_eq!(BTreeSet::from(all).len(), 3, "no two resources share one");
}
