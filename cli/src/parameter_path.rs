//! The path of parameters in SSM, as an option gives it.

use std::fmt;
use std::str::FromStr;

/// A path such as `/pilot-light/destination`.
///
/// The path `/` alone is refused: it would read every parameter of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParameterPath(String);

impl ParameterPath {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ParameterPath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        };
        match path.strip_prefix('/') {
            Some(names) if names.split('/').all(is_name) => Ok(Self(path.to_owned())),
            _ => Err("give a path of SSM that begins with a slash, such as /pilot-light/destination"),
        }
    }
}

impl fmt::Display for ParameterPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_with_a_slash_and_has_a_name() {
        for (text, path) in
            [("/a", "/a"), ("/pilot-light/source/", "/pilot-light/source"), ("/a_b/C.1", "/a_b/C.1")]
        {
            assert_eq!(text.parse::<ParameterPath>().map(|path| path.to_string()), Ok(path.to_owned()));
        }
        for text in ["", "/", "//", "no-slash", "/a//b", "/a b", "pilot-light/source", "/ä"] {
            assert!(text.parse::<ParameterPath>().is_err(), "{text}");
        }
    }
}
