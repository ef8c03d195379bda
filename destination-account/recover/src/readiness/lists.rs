//! The lists that demands need, each once, and the answers among the facts.
//!
//! A second round reads all classes of an engine if a class is not offered, so that the finding can name others.

use std::collections::BTreeSet;

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Found, Lookup, Orderable};

use super::Placed;
use super::demand::Demand;
use crate::facts::{Facts, Need};

/// The first letters of the burstable classes. AWS refuses them in a global cluster.
const BURSTABLE: &str = "db.t";

/// The lists that the demands still need.
pub(crate) fn missing(demands: &[Placed<'_>], facts: &Facts) -> BTreeSet<Need> {
    let shared = Shared::of(demands);
    let all = demands.iter().flat_map(|placed| needs_of(&placed.demand, &shared, facts));
    all.filter(|need| !is_answered(need, facts)).collect()
}

/// The lists of the demands that could not be read, each with the index of the resource that needs it.
pub(crate) fn unread(demands: &[Placed<'_>], facts: &Facts) -> Vec<(usize, Need)> {
    let shared = Shared::of(demands);
    let of_one = |placed: &Placed<'_>| {
        let needs = needs_of(&placed.demand, &shared, facts).into_iter();
        let index = placed.index;
        needs
            .filter(|need| facts.unread.contains_key(need))
            .map(move |need| (index, need))
            .collect::<Vec<_>>()
    };
    demands.iter().flat_map(of_one).collect()
}

fn is_answered(need: &Need, facts: &Facts) -> bool {
    facts.unread.contains_key(need) || facts.lookups.contains_key(need)
}

/// The parts of lists that all demands have in common.
#[derive(Debug)]
pub(super) struct Shared {
    /// The security groups of all demands. One list contains them all.
    security_groups: Vec<String>,
}

impl Shared {
    pub(super) fn of(demands: &[Placed<'_>]) -> Self {
        let all = demands.iter().flat_map(|placed| &placed.demand.network.security_groups);
        Self { security_groups: BTreeSet::from_iter(all.cloned()).into_iter().collect() }
    }

    pub(super) fn security_groups(&self) -> Lookup {
        Lookup::SecurityGroups(self.security_groups.clone())
    }
}

/// The lists that one demand needs, as far as the facts show by now.
pub(super) fn needs_of(demand: &Demand, shared: &Shared, facts: &Facts) -> Vec<Need> {
    let mut lookups = vec![Lookup::SubnetGroups, Lookup::Quotas];
    lookups.extend(demand.parameter_group.as_ref().map(|_| Lookup::ParameterGroups));
    lookups.extend(demand.option_group.as_ref().map(|_| Lookup::OptionGroups));
    if !demand.network.security_groups.is_empty() {
        lookups.push(shared.security_groups());
    }
    lookups.extend(version(demand));
    lookups.extend(offers(demand, facts));
    lookups.extend(demand.keys.iter().map(|key| Lookup::Key(key.key().to_owned())));
    lookups.into_iter().map(|lookup| Need::Lookup(demand.region.clone(), lookup)).collect()
}

/// The list with the version.
pub(super) fn version(demand: &Demand) -> Option<Lookup> {
    let (engine, version) = (demand.data.engine.clone()?, demand.data.version.clone()?);
    Some(Lookup::EngineVersion { engine, version })
}

/// The list of the offers of one class, or of all classes.
pub(super) fn offer(demand: &Demand, class: Option<&str>) -> Option<Lookup> {
    let (engine, version) = (demand.data.engine.clone()?, demand.data.version.clone());
    Some(Lookup::Orderable { engine, version, class: class.map(str::to_owned) })
}

fn offers(demand: &Demand, facts: &Facts) -> Vec<Lookup> {
    let of_classes = demand.class.names().iter().filter_map(|class| offer(demand, Some(class)));
    let is_empty = |class: &String| rows(demand, Some(class), facts).is_some_and(<[Orderable]>::is_empty);
    let is_unfit = |class: &String| demand.member.is_some() && is_global(demand, class, facts) == Some(false);
    let is_wrong = |class: &String| is_empty(class) || is_unfit(class);
    let needs_all = demand.class.names().is_empty() || demand.class.names().iter().any(is_wrong);
    of_classes.chain(offer(demand, None).filter(|_| needs_all)).collect()
}

/// The offers of one class, or of all. None if the list is not known.
pub(super) fn rows<'a>(demand: &Demand, class: Option<&str>, facts: &'a Facts) -> Option<&'a [Orderable]> {
    match facts.found(&demand.region, offer(demand, class)?)? {
        Found::Orderable(rows) => Some(rows),
        _ => None,
    }
}

/// Whether a member of a global cluster may have the class: according to AWS, or else because it is not burstable. None if
/// AWS offers no such class.
pub(super) fn is_global(demand: &Demand, class: &str, facts: &Facts) -> Option<bool> {
    let of_class = rows(demand, Some(class), facts);
    let all = of_class.or_else(|| rows(demand, None, facts));
    let Some(all) = all else { return Some(!class.starts_with(BURSTABLE)) };
    let mut rows = all.iter().filter(|row| row.class == class).peekable();
    rows.peek()?;
    Some(rows.any(|row| row.global.unwrap_or(!class.starts_with(BURSTABLE))))
}

impl Facts {
    /// The answer to a lookup in a Region. None if it was not read.
    pub(super) fn found(&self, region: &Region, lookup: Lookup) -> Option<&Found> {
        self.lookups.get(&Need::Lookup(region.clone(), lookup))
    }
}
