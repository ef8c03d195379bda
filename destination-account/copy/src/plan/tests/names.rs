//! The names of copies, and the tag of those that have another name than their original.

use super::*;

const OTHER: &str = "333333333333";

/// The snapshot that the second account shares: with the same name and database, and taken at the same time.
fn twin_of(offer: &Snapshot) -> Snapshot {
    let mut twin = offer.clone();
    twin.arn = arn(&offer.arn.to_string().replace("111111111111", OTHER));
    twin
}

fn both_accounts() -> DestinationPolicy {
    policy(&[("SourceAccounts", "111111111111,333333333333")])
}

/// The account of each copied snapshot with the name of its copy, and with the name in the tag.
fn names(facts: &Facts, policy: &DestinationPolicy) -> Vec<(String, String, Option<String>)> {
    let name = |action: Copy| match action {
        Copy::Make { copy, database, .. } => {
            let named = copy.tags.get(tags::COPY_NAME).map(str::to_owned);
            (database.account.to_string(), copy.target.to_string(), named)
        }
        Copy::Remove { .. } => panic!("{action:?}"),
    };
    plan(facts, policy, at(NOW)).unwrap().actions.into_iter().map(name).collect()
}

/// AWS's lists lack a new copy for minutes. A run that does not see it requests the same copy again, and AWS refuses the name.
#[test]
fn the_name_of_a_copy_is_the_same_whichever_other_copies_are_listed() {
    let first = offer("orders", 40);
    let second = twin_of(&first);
    let name = |account: &str| {
        let name = format!("orders-40-{account}");
        (account.to_owned(), name.clone(), Some(name))
    };
    let [one, two] = ["111111111111", OTHER].map(name);
    let copied = |offer: &Snapshot, name: &str| {
        let mut copy = copy_of(offer, "copying");
        copy.arn = arn(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{name}"));
        copy.tags.insert(tags::COPY_NAME, name);
        copy
    };
    let offers = [first.clone(), second.clone()];
    let of = |here: &[Snapshot]| names(&facts(&offers, &[], here), &both_accounts());
    assert_eq!(of(&[]), [one.clone(), two.clone()]);
    assert_eq!(of(&[copied(&second, &two.1)]), std::slice::from_ref(&one));
    assert_eq!(of(&[copied(&first, &one.1)]), std::slice::from_ref(&two));
    // A copy that an earlier version made, under the name that it had then.
    assert_eq!(of(&[copy_of(&first, "copying")]), std::slice::from_ref(&two));
    // The first account shares nothing more.
    assert_eq!(names(&facts(&offers[1..], &[], &[]), &both_accounts()), std::slice::from_ref(&two));
    let halfway = names(&two_hops(facts(&offers, &[], &[])), &both_accounts());
    assert_eq!(halfway, [one, two]);
}

#[test]
fn with_one_source_account_a_copy_keeps_the_name_of_its_original_and_has_no_further_tag() {
    let first = offer("orders", 40);
    let plain = ("111111111111".to_owned(), "orders-40".to_owned(), None);
    assert_eq!(names(&facts(std::slice::from_ref(&first), &[], &[]), &policy(&[])), [plain]);
    // Somebody else uses the name.
    let mut taken = copy_of(&first, "available");
    taken.tags.clear();
    taken.copied_from = None;
    let next = ("111111111111".to_owned(), "orders-40-2".to_owned(), Some("orders-40-2".to_owned()));
    assert_eq!(names(&facts(&[first], &[], &[taken]), &policy(&[])), [next]);
}

#[test]
fn a_numbered_copy_whose_source_aws_omits_is_not_made_again() {
    let first = offer("orders", 40);
    let numbered = |named: Option<&str>| {
        let mut copy = copy_of(&first, "copying");
        copy.arn = arn("arn:aws:rds:us-west-2:222222222222:snapshot:orders-40-2");
        copy.copied_from = None;
        copy.tags.extend(named.map(|name| (tags::COPY_NAME, name)));
        names(&facts(std::slice::from_ref(&first), &[], &[copy]), &policy(&[])).len()
    };
    assert_eq!(numbered(Some("orders-40-2")), 0);
    assert_eq!(numbered(Some("orders-40-3")), 1, "a person's copy of it, within the place");
}
