//! `Tags` of a manifest: `key=value,key=value`. AWS's limits are those of the type `Tag` of its API, and of "Tagging Amazon RDS
//! resources".
//!
//! Our own tags are left to `tagging`.

use pilot_light_domain::model::tags::{LONGEST_VALUE, Tags};

use crate::fields::Fields;
use crate::tagging::{RESTORED_FROM, begins, is_allowed, is_reserved};

const TAGS: &str = "Tags";
/// The most tags that AWS accepts on an instance.
const MOST: usize = 50;
/// The longest key of a tag, in characters.
const LONGEST_KEY: usize = 128;

/// Reads the tags of an instance that gets `own` tags from us. Our keys are not allowed, because we recognize our resources by
/// them.
pub(super) fn read(fields: &mut Fields, own: usize) -> Tags {
    let mut tags = Tags::new();
    for item in fields.list(&[TAGS]) {
        let Some((key, value)) = item.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
            fields.problem(TAGS, format!("has '{item}', which is not a tag; write key=value,key=value"));
            continue;
        };
        if let Some(what) = of_key(key).or_else(|| of_value(key, value)) {
            fields.problem(TAGS, what);
        } else if tags.contains_key(key) {
            fields.problem(TAGS, format!("has the key '{key}' twice; give it once"));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    let count = tags.len();
    if count + own > MOST {
        let most = MOST - own;
        let said = format!("AWS allows {MOST} on an instance, and {own} are our own; give at most {most}");
        fields.problem(TAGS, format!("has {count} tags; {said}"));
    }
    tags
}

/// The reason that a key is not possible.
fn of_key(key: &str) -> Option<String> {
    let length = key.chars().count();
    let is_ours = begins(key, "PilotLight") || key.eq_ignore_ascii_case(RESTORED_FROM);
    if key.is_empty() || is_ours || is_reserved(key) {
        let said = "use a key that is not empty, not RestoredFrom, and begins with neither aws:, rds: nor PilotLight";
        return Some(format!("has the key '{key}', which is not allowed; {said}"));
    }
    if length > LONGEST_KEY {
        return Some(format!("has the key '{key}' of {length} characters; AWS allows {LONGEST_KEY}"));
    }
    forbidden(key).map(|c| format!("has the key '{key}' with {c}; {CHARACTERS}"))
}

/// The reason that a value is not possible.
fn of_value(key: &str, value: &str) -> Option<String> {
    let length = value.chars().count();
    if is_reserved(value) {
        let said = "AWS allows no value that begins with aws: or rds:";
        return Some(format!("has the value '{value}' for the key '{key}'; {said}"));
    }
    if length > LONGEST_VALUE {
        return Some(format!("has {length} characters for the key '{key}'; AWS allows {LONGEST_VALUE}"));
    }
    forbidden(value).map(|c| format!("has the value '{value}' for the key '{key}' with {c}; {CHARACTERS}"))
}

const CHARACTERS: &str = "AWS allows letters, digits, spaces and _.:/=+-@";

/// A character that AWS does not allow, as it is written in a text.
fn forbidden(text: &str) -> Option<String> {
    text.chars().find(|c| !is_allowed(*c)).map(|c| format!("{c:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::FieldProblem;
    use crate::testing::fields;

    fn problems(text: &str, own: usize) -> Vec<String> {
        let mut fields = fields(&[(TAGS, text)]);
        read(&mut fields, own);
        fields.finish().into_iter().map(|FieldProblem { what, .. }| what).collect()
    }

    #[test]
    fn tags_that_aws_accepts_are_read() {
        let mut given = fields(&[(TAGS, "team=shop, cost centre = 7 ,url=a=b,note=,")]);
        let tags = read(&mut given, 6);
        let expected = [("team", "shop"), ("cost centre", "7"), ("url", "a=b"), ("note", "")];
        assert_eq!(tags, expected.into_iter().collect::<Tags>());
        assert_eq!(given.finish(), []);
        let longest = format!("{}={}", "k".repeat(128), "ä".repeat(256));
        assert_eq!(problems(&longest, 6), [""; 0]);
    }

    #[test]
    fn each_tag_that_aws_refuses_is_reported() {
        let (key, value) = (format!("{}=x", "k".repeat(129)), format!("a={}", "v".repeat(257)));
        for (text, expected) in [
            ("team", "has 'team', which is not a tag; write key=value,key=value"),
            ("=x", "has the key '', which is not allowed"),
            ("AWS:team=x", "has the key 'AWS:team', which is not allowed"),
            ("rds:team=x", "has the key 'rds:team', which is not allowed"),
            ("pilotlightDrill=x", "has the key 'pilotlightDrill', which is not allowed"),
            ("RestoredFrom=x", "has the key 'RestoredFrom', which is not allowed"),
            (key.as_str(), "of 129 characters; AWS allows 128"),
            (value.as_str(), "has 257 characters for the key 'a'; AWS allows 256"),
            ("te*am=x", "has the key 'te*am' with '*'; AWS allows letters, digits, spaces and _.:/=+-@"),
            ("team=a;b", "has the value 'a;b' for the key 'team' with ';'; AWS allows letters"),
            ("team=a\tb", "with '\\t'; AWS allows letters"),
            ("team=aws:b", "has the value 'aws:b' for the key 'team'; AWS allows no value"),
            ("a=1,a=2", "has the key 'a' twice; give it once"),
        ] {
            let found = problems(text, 6);
            assert!(found.len() == 1 && found[0].contains(expected), "{expected}\n{found:?}");
        }
        assert_eq!(problems("a=*,b=;,c", 6).len(), 3, "every wrong tag is reported");
    }

    #[test]
    fn the_tags_fit_beside_our_own_into_the_limit_of_aws() {
        let many = |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        assert_eq!(problems(&many(44), 6), [""; 0]);
        let expected = "has 45 tags; AWS allows 50 on an instance, and 6 are our own; give at most 44";
        assert_eq!(problems(&many(45), 6), [expected]);
    }
}
