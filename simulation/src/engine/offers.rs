//! The snapshots that the destination is offered, as AWS lists them to it now.

use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::{DescribeDbSnapshots, Page, Request, Response};

use crate::homes::Homes;
use crate::invariants::Offered;

/// The databases of the offered snapshots, each with the time of its oldest data.
pub(super) fn offered(simulation: &Simulation, homes: &Homes) -> Offered {
    let mut offered = Offered::new();
    let mut marker = None;
    loop {
        let request = Request::DescribeDbSnapshots(DescribeDbSnapshots {
            snapshot_type: Some("shared".to_owned()),
            page: Page { max_records: Some(100), marker },
            ..Default::default()
        });
        let answer = simulation.request(&homes.destination.account, &homes.source.region, request);
        let Ok(Response::Snapshots(listing)) = answer else { return offered };
        for view in &listing.items {
            let (id, time) = (view.record.shape.resource_id.clone(), view.record.database_time);
            offered.entry(id).and_modify(|oldest| *oldest = time.min(*oldest)).or_insert(time);
        }
        marker = listing.marker;
        if marker.is_none() {
            return offered;
        }
    }
}
