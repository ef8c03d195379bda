//! The check of a new or changed instance against the rows of `DescribeOrderableDBInstanceOptions`.

use super::{classes, licences, offers};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination};
use crate::world::engine_versions::catalogue::knows;
use crate::world::engine_versions::offered;
use crate::world::instances::defaults::license;
use crate::world::instances::record::{InstanceOptions, Shape};
use crate::world::place::Place;

impl World {
    /// Refuses a version that AWS no longer offers, and a class or licence that it does not offer with the version here.
    pub(in crate::world) fn check_orderable(
        &self,
        place: &Place,
        shape: &Shape,
        options: &InstanceOptions,
    ) -> Result<(), ApiError> {
        let (engine, version) = (shape.engine.0.as_str(), shape.engine_version.as_str());
        // Only a caller without a protocol can leave the class out.
        if !shape.class.is_empty() {
            classes::check_exists(&shape.class)?;
        }
        // The customer makes the versions of RDS Custom for Oracle, and the cluster decides that of Aurora.
        if !knows(engine) || engine.starts_with("aurora") {
            return self.check_offered_here(place, shape, options);
        }
        offered(&self.settings, engine, version)?;
        let licence = options.license_model.as_deref();
        let is_licence = licence.is_none_or(|licence| licences(engine).contains(&licence));
        let runs = shape.class.is_empty() || classes::runs(&shape.class, engine, version);
        if !is_licence || !runs {
            return Err(no_such_combination(shape, options));
        }
        self.check_offered_here(place, shape, options)
    }

    fn check_offered_here(
        &self,
        place: &Place,
        shape: &Shape,
        options: &InstanceOptions,
    ) -> Result<(), ApiError> {
        if offers(&self.settings, place, &shape.class) {
            return Ok(());
        }
        Err(no_such_combination(shape, options))
    }
}

/// The text is recorded: elastic/beats issue 38473, aws-quickstart/quickstart-awx issue 47.
fn no_such_combination(shape: &Shape, options: &InstanceOptions) -> ApiError {
    let Shape { engine, engine_version, class, .. } = shape;
    let licence = license(engine, options);
    invalid_combination(format!(
        "RDS does not support creating a DB instance with the following combination: DBInstanceClass={class}, \
         Engine={}, EngineVersion={engine_version}, LicenseModel={licence}. For supported combinations of instance \
         class and database engine version, see the documentation.",
        engine.0
    ))
}
