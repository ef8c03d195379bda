//! The option group of a restored instance.

use super::option_groups::{REQUIRED, change, new_group, with_option};
use super::*;

#[test]
fn a_restore_keeps_the_group_of_the_snapshot_or_names_one_with_the_options_that_stay() {
    let mut scene = with_option("oracle-se2", "19", "Timezone");
    scene.ask(OURS, EAST, new_group("plain", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, EAST, new_group("of-mysql", "mysql", "8.0")).unwrap();
    scene.ask(OURS, EAST, new_group("zoned", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, EAST, change("zoned", &["Timezone"], &[])).unwrap();
    let restore = |name: &str, group: Option<&str>| {
        let options = InstanceOptions { option_group: group.map(str::to_owned), ..Default::default() };
        let (name, snapshot) = (name.to_owned(), "a".to_owned());
        let ask = RestoreDbInstance { name, snapshot, options, ..Default::default() };
        Request::RestoreDbInstanceFromDbSnapshot(ask)
    };
    for (name, group, expected) in [
        ("b", Some("nothing"), Err("OptionGroupNotFoundFault")),
        ("b", Some("of-mysql"), Err("InvalidParameterCombination")),
        ("b", Some("plain"), Err("InvalidParameterValue")),
        ("b", Some("zoned"), Ok("zoned")),
        ("c", None, Ok("special")),
    ] {
        let answer = scene.ask(OURS, EAST, restore(name, group));
        let found = match &answer {
            Ok(Response::Instance(restored)) => Ok(restored.option_group()),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.code),
        };
        assert_eq!(found, expected.map(str::to_owned), "{group:?}");
    }
    assert_eq!(scene.ask(OURS, EAST, restore("d", Some("plain"))).unwrap_err().message, REQUIRED);
}
