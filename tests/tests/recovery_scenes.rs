//! Every kind of resource on the simulator, by the real worker: what stands at the end.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::Verdict;
use pilot_light_tests::recovery::scenes::SCENES;

#[test]
fn every_scene_ends_as_it_must() {
    for scene in SCENES {
        let estate = scene.estate();
        let end = scene.execution(&estate).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        assert_eq!(estate.lines(), scene.end, "{}", scene.name);
    }
}
