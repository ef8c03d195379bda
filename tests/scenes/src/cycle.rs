//! A script of one whole cycle of the scheduled workers.
//!
//! Two intervals are taken, shared and copied. Then time passes until retention has ended, and both delete workers run.
//! The tests decide how each run is made, for example whether it is killed and repeated.

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::worker::Worker;
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use crate::Scene;

/// Runs one worker once. Returns false if the run was killed or failed.
pub type Attempt<'a> = &'a dyn Fn(&Scene) -> bool;

/// Runs the script. `step` gets each attempt and makes it once or repeatedly.
pub fn cycle(scene: &Scene, step: &dyn Fn(&Scene, Attempt<'_>)) {
    fn attempt(worker: impl Worker + Copy) -> impl Fn(&Scene) -> bool {
        move |scene| {
            scene
                .run(&worker, Mode::Apply)
                .is_some_and(|result| result.is_ok_and(|report| report.failed == 0))
        }
    }
    for _ in 0..2 {
        step(scene, &attempt(SourceTake));
        scene.simulation.settle();
        step(scene, &attempt(SourceShare));
        scene.simulation.settle();
        step(scene, &attempt(SourceShare));
        for _ in 0..3 {
            step(scene, &attempt(DestinationCopy));
            scene.simulation.settle();
        }
        scene.wait(30);
        step(scene, &attempt(DestinationCopy));
    }
    scene.wait(26 * 60);
    step(scene, &attempt(SourceDelete));
    step(scene, &attempt(DestinationDelete));
}
