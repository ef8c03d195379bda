//! Pages and filters, which all actions that list something share.

use std::ops::Bound;

use super::error::{ApiError, invalid_value};

/// One filter: it admits a resource that has any of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its name, as in `db-instance-id`.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// `MaxRecords`, 20 to 100; absent means 100.
    pub max_records: Option<i64>,
    /// `Marker` of the previous page.
    pub marker: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The beginning of the next page; absent on the last.
    pub marker: Option<String>,
}

impl<T> Listing<T> {
    /// A whole list as one page.
    pub(crate) fn whole(items: impl IntoIterator<Item = T>) -> Self {
        Self { items: items.into_iter().collect(), marker: None }
    }
}

pub(in crate::world) fn check_filters(filters: &[Filter], known: &[&str]) -> Result<(), ApiError> {
    for filter in filters {
        if !known.contains(&filter.name.as_str()) {
            return Err(invalid_value(format!("Unrecognized filter name: {}", filter.name)));
        }
        if filter.values.is_empty() {
            return Err(invalid_value(format!("The filter {} has no values.", filter.name)));
        }
    }
    Ok(())
}

pub(in crate::world) fn page_size(page: &Page) -> Result<usize, ApiError> {
    page_size_up_to(page, 100)
}

/// The size of a page of an action that allows more than 100 records.
pub(in crate::world) fn page_size_up_to(page: &Page, most: usize) -> Result<usize, ApiError> {
    let asked = page.max_records.unwrap_or(100);
    usize::try_from(asked).ok().filter(|size| (20..=most).contains(size)).ok_or_else(|| {
        invalid_value(format!("Invalid value {asked} for MaxRecords. Must be between 20 and {most}"))
    })
}

/// Everything after the marker of the previous page.
pub(in crate::world) fn behind<K>(
    page: &Page,
    key: impl Fn(&str) -> Option<K>,
) -> Result<(Bound<K>, Bound<K>), ApiError> {
    let from = match &page.marker {
        None => Bound::Unbounded,
        Some(marker) => Bound::Excluded(key(marker).ok_or_else(|| invalid_marker(marker))?),
    };
    Ok((from, Bound::Unbounded))
}

/// The first `size` of `found`, and a marker only if there is more.
pub(in crate::world) fn page<T>(
    found: impl Iterator<Item = T>,
    size: usize,
    marker: impl Fn(&T) -> String,
) -> Listing<T> {
    let mut found = found;
    let mut items = Vec::with_capacity(size);
    items.extend(found.by_ref().take(size));
    let marker = found.next().and_then(|_| items.last().map(marker));
    Listing { items, marker }
}

/// A page of resources by name. The marker is the name of the last one.
pub(in crate::world) fn page_by_name<'a, T: Clone + 'a>(
    ask: &Page,
    all: impl IntoIterator<Item = (&'a String, &'a T)>,
) -> Result<Listing<T>, ApiError> {
    let size = page_size(ask)?;
    let is_behind = |name: &String| ask.marker.as_ref().is_none_or(|marker| name > marker);
    let found = all.into_iter().filter(|(name, _)| is_behind(name));
    let named = page(found, size, |(name, _)| (*name).clone());
    let items = named.items.into_iter().map(|(_, item)| item.clone()).collect();
    Ok(Listing { items, marker: named.marker })
}

pub(in crate::world) fn invalid_marker(marker: &str) -> ApiError {
    invalid_value(format!("The request contains an invalid marker: {marker}"))
}
