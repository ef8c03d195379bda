//! The parameter group, the option group and the keys of a new database.

use pilot_light_domain::recovery::{Found, Key, Lookup, OptionGroup, ParameterGroup};

use super::demand::KeyUse;
use super::{Check, KEY, Level, OPTION_GROUP, PARAMETER_GROUP, lists, network, some_of};

pub(super) fn check(check: &mut Check<'_>) {
    if let Some(name) = &check.demand().parameter_group {
        parameter_group(check, name);
    }
    if let Some(name) = &check.demand().option_group {
        option_group(check, name);
    }
    for key in &check.demand().keys {
        of_key(check, key);
    }
}

/// AWS makes the default group of a family at its first use, so it need not be listed.
fn parameter_group(check: &mut Check<'_>, name: &str) {
    let Some(Found::ParameterGroups(all)) = check.found(Lookup::ParameterGroups) else { return };
    let found = all.iter().find(|group| group.name.eq_ignore_ascii_case(name));
    let family = found.map(|group| group.family.as_str()).or_else(|| name.strip_prefix("default."));
    let Some(Found::EngineVersion(version)) =
        lists::version(check.demand()).and_then(|lookup| check.found(lookup))
    else {
        return if family.is_none() {
            no_parameter_group(check, name, all, None)
        };
    };
    let wanted = version.as_ref().and_then(|version| version.family.as_deref());
    match (family, wanted) {
        (None, wanted) => no_parameter_group(check, name, all, wanted),
        (Some(family), Some(wanted)) if family != wanted => {
            let said = format!("is {name} of the family {family}; give a group of the family {wanted}");
            check.add(Level::Blocking, PARAMETER_GROUP, said);
        }
        _ => {}
    }
}

fn no_parameter_group(check: &mut Check<'_>, name: &str, all: &[ParameterGroup], wanted: Option<&str>) {
    let fits = |group: &&ParameterGroup| wanted.is_none_or(|wanted| group.family == wanted);
    let names: Vec<&str> = all.iter().filter(fits).map(|group| group.name.as_str()).collect();
    let of = wanted.map(|family| format!(" of the family {family}")).unwrap_or_default();
    let region = &check.demand().region;
    let said = format!("is {name}; {region} has no such DB parameter group; it has{of}: {}", some_of(&names));
    check.add(Level::Blocking, PARAMETER_GROUP, said);
}

fn option_group(check: &mut Check<'_>, name: &str) {
    let Some(Found::OptionGroups(all)) = check.found(Lookup::OptionGroups) else { return };
    let region = &check.demand().region;
    let Some(found) = all.iter().find(|group| group.name.eq_ignore_ascii_case(name)) else {
        // AWS makes the default group of a version at its first use.
        if !name.starts_with("default:") {
            let names: Vec<&str> = all.iter().map(|group| group.name.as_str()).collect();
            let said = format!("is {name}; {region} has no such option group; it has {}", some_of(&names));
            check.add(Level::Blocking, OPTION_GROUP, said);
        }
        return;
    };
    if let Some(said) = unfit(check, found) {
        check.add(Level::Blocking, OPTION_GROUP, said);
    }
}

/// The reason that an option group does not fit the database, if there is one.
fn unfit(check: &Check<'_>, found: &OptionGroup) -> Option<String> {
    let data = &check.demand().data;
    let is_version =
        |version: &str| version == found.major || version.starts_with(&format!("{}.", found.major));
    let is_engine = data.engine.as_ref().is_none_or(|engine| *engine == found.engine);
    if !is_engine || !data.version.as_deref().is_none_or(is_version) {
        let [engine, version] = [&data.engine, &data.version].map(|text| text.as_deref().unwrap_or_default());
        let (name, of, major) = (&found.name, &found.engine, &found.major);
        return Some(format!("is {name} for {of} {major}; give a group for {engine} {version}"));
    }
    let group = network::chosen(check)?;
    let (bound, vpc) = (found.vpc.as_ref()?, group.vpc.as_ref()?);
    (bound != vpc).then(|| {
        format!(
            "is {}, which is bound to {bound}; the DB subnet group '{}' is in {vpc}; give another group",
            found.name, group.name
        )
    })
}

fn of_key(check: &mut Check<'_>, used: &KeyUse) {
    let Some(Found::Key(found)) = check.found(Lookup::Key(used.key().to_owned())) else { return };
    let region = &check.demand().region;
    let what = match found {
        None => format!("{}; {region} has no such key", used.key()),
        Some(Key { region: other, arn, .. }) if other != region => format!("{arn}, a key of {other}"),
        Some(Key { state, arn, .. }) if state != "Enabled" => format!("{arn}, which is '{state}'"),
        Some(_) => return,
    };
    match used {
        KeyUse::Given(_) => {
            check.add(Level::Blocking, KEY, format!("is {what}; give an enabled key of {region}"))
        }
        KeyUse::OfData(_) => {
            let said = format!("{} is encrypted with {what}; enable that key", check.demand().origin);
            check.add(Level::Blocking, &[], said);
        }
    }
}
