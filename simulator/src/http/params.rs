//! Parameters of the query protocol: flat text, with lists and structures expressed in the names.

use std::collections::BTreeMap;
use std::str::FromStr;

use pilot_light_domain::model::tags::Tags;

use crate::world::{ApiError, Filter, Page};

/// The parameters of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// Adds the parameters of an encoded query or form.
    pub(super) fn extend(&mut self, encoded: &[u8]) {
        self.0.extend(form_urlencoded::parse(encoded).into_owned());
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// A parameter that AWS requires.
    pub(super) fn required(&self, name: &str) -> Result<String, ApiError> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| ApiError {
            code: "MissingParameter",
            message: format!("The request must contain the parameter {name}."),
            http_status: 400,
        })
    }

    /// A number or boolean.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        let parsed = text.to_ascii_lowercase().parse();
        parsed.map(Some).map_err(|_| invalid(format!("Invalid value '{text}' for {name}.")))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        self.parsed(name).map(|flag| flag.unwrap_or(false))
    }

    /// A list of texts: `ValuesToAdd.AttributeValue.1`, or with `member` for the item's name.
    pub(super) fn list(&self, name: &str, item: &str) -> Vec<String> {
        self.prefixes(name, item).filter_map(|prefix| self.text(&prefix)).collect()
    }

    /// `Tags`; absent if the request does not mention tags.
    pub(super) fn tags(&self) -> Result<Option<Tags>, ApiError> {
        let mut tags = Tags::new();
        for prefix in self.prefixes("Tags", "Tag") {
            let key = self.required(&format!("{prefix}.Key"))?;
            let value = self.text(&format!("{prefix}.Value")).unwrap_or_default();
            if tags.insert(key.clone(), value).is_some() {
                return Err(invalid(format!("The tag key {key} is given twice.")));
            }
        }
        let says_so = !tags.is_empty() || self.0.contains_key("Tags");
        Ok(says_so.then_some(tags))
    }

    pub(super) fn filters(&self) -> Result<Vec<Filter>, ApiError> {
        self.prefixes("Filters", "Filter")
            .map(|prefix| {
                let name = self.required(&format!("{prefix}.Name"))?;
                Ok(Filter { name, values: self.list(&format!("{prefix}.Values"), "Value") })
            })
            .collect()
    }

    pub(super) fn page(&self) -> Result<Page, ApiError> {
        let marker = self.text("Marker").filter(|marker| !marker.is_empty());
        Ok(Page { max_records: self.parsed("MaxRecords")?, marker })
    }

    /// The prefixes of a list's items, as long as their numbers from 1 have no gap.
    pub(super) fn prefixes<'a>(&'a self, name: &str, item: &str) -> impl Iterator<Item = String> + use<'a> {
        let spellings = [format!("{name}.{item}"), format!("{name}.member")];
        (1..).map_while(move |n: usize| {
            let numbered = spellings.iter().map(|spelling| format!("{spelling}.{n}"));
            numbered.into_iter().find(|prefix| self.has(prefix))
        })
    }

    /// True if there is a parameter of that name, or below it.
    /// The prefixes of a list whose items have no name, as EC2 writes it: `SubnetId.1`.
    pub(super) fn numbered(&self, name: &str) -> impl Iterator<Item = String> + use<'_> {
        let name = name.to_owned();
        (1..).map(move |number| format!("{name}.{number}")).take_while(|prefix| self.has(prefix))
    }

    fn has(&self, prefix: &str) -> bool {
        let below = format!("{prefix}.");
        self.0.contains_key(prefix)
            || self.0.range(below.clone()..).next().is_some_and(|(name, _)| name.starts_with(&below))
    }
}

pub(super) fn invalid(message: String) -> ApiError {
    ApiError { code: "InvalidParameterValue", message, http_status: 400 }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::model::tags;

    use super::*;

    fn params(encoded: &str) -> Params {
        let mut params = Params::default();
        params.extend(encoded.as_bytes());
        params
    }

    #[test]
    fn lists_and_structures_are_read_under_both_names() {
        let given = params(
            "Tags.Tag.1.Key=a&Tags.Tag.1.Value=b+c&Tags.member.2.Key=d&Filters.Filter.1.Name=engine\
             &Filters.Filter.1.Values.Value.1=mysql&Filters.Filter.1.Values.Value.2=postgres&TagKeys.member.1=x",
        );
        assert_eq!(given.tags(), Ok(Some(tags::of([("a", "b c"), ("d", "")]))));
        let values = vec!["mysql".to_owned(), "postgres".to_owned()];
        assert_eq!(given.filters(), Ok(vec![Filter { name: "engine".to_owned(), values }]));
        assert_eq!(given.list("TagKeys", "member"), ["x"]);
    }

    #[test]
    fn tags_left_out_differ_from_no_tags() {
        assert_eq!(params("").tags(), Ok(None));
        assert_eq!(params("Tags=").tags(), Ok(Some(Tags::new())));
        let twice = params("Tags.Tag.1.Key=a&Tags.Tag.2.Key=a").tags();
        assert_eq!(twice.map_err(|error| error.code), Err("InvalidParameterValue"));
    }

    #[test]
    fn values_of_the_wrong_kind_are_refused() {
        for encoded in ["MaxRecords=many", "MaxRecords=1.5", "MaxRecords="] {
            assert_eq!(params(encoded).page().map_err(|e| e.code), Err("InvalidParameterValue"));
        }
        assert_eq!(params("CopyTags=yes").flag("CopyTags").map_err(|e| e.code), Err("InvalidParameterValue"));
        assert_eq!(params("CopyTags=True").flag("CopyTags"), Ok(true));
        assert_eq!(params("A=").required("A").map_err(|e| e.code), Err("MissingParameter"));
    }
}
