//! The account and Region of the source and of the destination.

use pilot_light_domain::model::ids::{AccountId, InvalidId, Region};

/// An account and a Region.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

/// Both accounts.
#[derive(Debug, Clone)]
pub(crate) struct Homes {
    pub(crate) source: Home,
    pub(crate) destination: Home,
}

impl Homes {
    pub(crate) fn new() -> Result<Self, InvalidId> {
        let home =
            |account: &str, region: &str| Ok(Home { account: account.parse()?, region: region.parse()? });
        Ok(Self {
            source: home("111111111111", "us-east-1")?,
            destination: home("222222222222", "us-west-2")?,
        })
    }
}
