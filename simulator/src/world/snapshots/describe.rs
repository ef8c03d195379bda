//! `DescribeDBSnapshots`: the snapshots that a caller may see, in three sections: its own, shared and public ones.

use std::ops::Bound;
use std::sync::Arc;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::SnapshotId;

use super::record::{SnapshotRecord, SnapshotView};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_value, snapshot_not_found};
use crate::world::api::paging::{Filter, Listing, check_filters, invalid_marker, page, page_size};
use crate::world::api::request::DescribeDbSnapshots;
use crate::world::api::response::Response;
use crate::world::place::Place;

/// The parts of a list of snapshots, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Own,
    Shared,
    Public,
}

/// The sections that a caller requests, and the origins of its own snapshots.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    manual: bool,
    automated: bool,
    shared: bool,
    public: bool,
}

impl World {
    pub(in crate::world) fn describe_snapshots(
        &self,
        place: &Place,
        ask: &DescribeDbSnapshots,
    ) -> Result<Response, ApiError> {
        const FILTERS: [&str; 5] =
            ["db-instance-id", "db-snapshot-id", "dbi-resource-id", "engine", "snapshot-type"];
        let size = page_size(&ask.page)?;
        check_filters(&ask.filters, &FILTERS)?;
        let wanted = Wanted::of(ask)?;
        let matches = |view: &SnapshotView| is_asked_for(ask, view);
        if let Some(id) = &ask.id {
            let view = self.visible(place, id, wanted).ok_or_else(|| snapshot_not_found(id))?;
            let items = Some(view).filter(matches).into_iter().collect();
            return Ok(Response::Snapshots(Listing { items, marker: None }));
        }
        let found = self
            .candidates(place, wanted, ask.page.marker.as_deref())?
            .map(|(section, record)| (section, self.view(record, place)))
            .filter(|(_, view)| matches(view));
        let listing = page(found, size, |(section, view)| marker(*section, &view.record));
        let items = listing.items.into_iter().map(|(_, view)| view).collect();
        Ok(Response::Snapshots(Listing { items, marker: listing.marker }))
    }

    /// One snapshot by its identifier or ARN, if the caller requests its section and may see it.
    fn visible(&self, place: &Place, id: &str, wanted: Wanted) -> Option<SnapshotView> {
        let record = match id.parse::<SnapshotArn>() {
            Ok(arn) => self.snapshot(&arn).filter(|found| found.arn.region == place.region)?,
            Err(_) => self.own_snapshot(place, id).ok()?,
        };
        let is_wanted = if record.arn.account == place.account {
            wanted.includes_own(record)
        } else {
            (wanted.shared && record.shared_with.contains(&place.account))
                || (wanted.public && record.is_public)
        };
        let is_seen = self.is_seen(&record.arn, place);
        (is_wanted && is_seen && record.is_visible_to(&place.account)).then(|| self.view(record, place))
    }

    /// Finds snapshots by ARNs in ascending order. Of many ARNs of one place, each snapshot is the next one or not far
    /// after it, so that a range is faster than single look-ups.
    fn lookup<'a>(&'a self) -> impl FnMut(&'a SnapshotArn) -> Option<&'a Arc<SnapshotRecord>> {
        let mut before: Option<&SnapshotArn> = None;
        let mut ahead = None;
        move |arn| {
            if !before.is_some_and(|before| before.is_beside(arn)) {
                let holdings = self.places.get(&Place::of_snapshot(arn));
                ahead = holdings.map(|holdings| holdings.snapshots.range(arn.id.clone()..).peekable());
            }
            before = Some(arn);
            let ahead = ahead.as_mut()?;
            while ahead.next_if(|(id, _)| **id < arn.id).is_some() {}
            ahead.next_if(|(id, _)| **id == arn.id).map(|(_, found)| found).filter(|found| found.arn == *arn)
        }
    }

    /// Everything of the wanted sections after `marker`, in order.
    fn candidates<'a>(
        &'a self,
        place: &'a Place,
        wanted: Wanted,
        marker: Option<&str>,
    ) -> Result<impl Iterator<Item = (Section, &'a Arc<SnapshotRecord>)>, ApiError> {
        let own_from = start::<SnapshotId>(marker, Section::Own)?;
        let shared_from = start::<SnapshotArn>(marker, Section::Shared)?.filter(|_| wanted.shared);
        let public_from = start::<SnapshotArn>(marker, Section::Public)?.filter(|_| wanted.public);
        let holdings = self.places.get(place);
        let own = own_from
            .zip(holdings)
            .into_iter()
            .flat_map(|(from, holdings)| holdings.snapshots.range((from, Bound::Unbounded)))
            .map(|(_, record)| (Section::Own, record))
            .filter(move |(_, record)| wanted.includes_own(record));
        let shared = shared_from
            .zip(self.shared.get(place))
            .into_iter()
            .flat_map(|(from, arns)| arns.range((from, Bound::Unbounded)))
            .filter_map(self.lookup())
            .map(|record| (Section::Shared, record));
        let public = public_from
            .zip(self.public.get(&place.region))
            .into_iter()
            .flat_map(|(from, arns)| arns.range((from, Bound::Unbounded)))
            .filter_map(|arn| Some((Section::Public, self.snapshot(arn)?)))
            .filter(move |(_, record)| {
                record.arn.account != place.account
                    && !(wanted.shared && record.shared_with.contains(&place.account))
            });
        let all = own.chain(shared).chain(public);
        Ok(all.filter(move |(_, record)| self.is_seen(&record.arn, place)))
    }
}

impl Wanted {
    /// `IncludeShared` and `IncludePublic` have no effect if the request contains a `SnapshotType`.
    fn of(ask: &DescribeDbSnapshots) -> Result<Self, ApiError> {
        let none = Self { manual: false, automated: false, shared: false, public: false };
        match ask.snapshot_type.as_deref() {
            None => Ok(Self {
                manual: true,
                automated: true,
                shared: ask.include_shared,
                public: ask.include_public,
            }),
            Some("manual") => Ok(Self { manual: true, ..none }),
            Some("automated") => Ok(Self { automated: true, ..none }),
            Some("shared") => Ok(Self { shared: true, ..none }),
            Some("public") => Ok(Self { public: true, ..none }),
            Some("awsbackup") => Ok(none),
            Some(other) => Err(invalid_value(format!("Invalid snapshot type: {other}"))),
        }
    }

    fn includes_own(self, record: &SnapshotRecord) -> bool {
        if record.is_manual() { self.manual } else { self.automated }
    }
}

fn is_asked_for(ask: &DescribeDbSnapshots, view: &SnapshotView) -> bool {
    let record = &view.record;
    let is_database = |name: &String| record.database.as_str().eq_ignore_ascii_case(name);
    ask.database.as_ref().is_none_or(is_database)
        && ask.resource_id.as_ref().is_none_or(|id| *id == record.shape.resource_id)
        && ask.filters.iter().all(|filter| admits_snapshot(filter, view))
}

fn admits_snapshot(filter: &Filter, view: &SnapshotView) -> bool {
    let record = &view.record;
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-instance-id" => match value.parse::<DatabaseArn>() {
            Ok(arn) => arn.id.name == record.database && arn.id.region == record.arn.region,
            Err(_) => record.database.as_str().eq_ignore_ascii_case(value),
        },
        "db-snapshot-id" => view.identifier().eq_ignore_ascii_case(value) || record.arn.to_string() == *value,
        "dbi-resource-id" => record.shape.resource_id == *value,
        "engine" => record.shape.engine.0 == *value,
        "snapshot-type" => view.snapshot_type() == value,
        _ => false,
    })
}

fn marker(section: Section, last: &SnapshotRecord) -> String {
    match section {
        Section::Own => format!("own/{}", last.arn.id),
        Section::Shared => format!("shared/{}", last.arn),
        Section::Public => format!("public/{}", last.arn),
    }
}

/// The beginning of `section` after `marker`; absent if the marker is past the section.
fn start<K: std::str::FromStr>(marker: Option<&str>, section: Section) -> Result<Option<Bound<K>>, ApiError> {
    let Some(marker) = marker else { return Ok(Some(Bound::Unbounded)) };
    let (name, key) = marker.split_once('/').ok_or_else(|| invalid_marker(marker))?;
    let reached = match name {
        "own" => Section::Own,
        "shared" => Section::Shared,
        "public" => Section::Public,
        _ => return Err(invalid_marker(marker)),
    };
    Ok(match section.cmp(&reached) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Greater => Some(Bound::Unbounded),
        std::cmp::Ordering::Equal => Some(Bound::Excluded(key.parse().map_err(|_| invalid_marker(marker))?)),
    })
}
