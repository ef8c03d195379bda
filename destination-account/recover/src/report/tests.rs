use super::*;

#[test]
fn durations_are_written_in_hours_minutes_and_seconds() {
    let texts = [0, 59, 60, 3600, 10_923].map(in_words);
    assert_eq!(texts, ["0 s", "59 s", "1 min", "1 h", "3 h 2 min 3 s"]);
}
