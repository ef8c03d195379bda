//! Tests of the page and its picture.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_simulation::measure::timeline::{Span, SpanKind, Timeline};

use super::frame::{NARROW, WIDE};
use super::page::{Page, html};

/// Text that the page must escape.
const HOSTILE: &str = "</script></title><script>alert(1)</script>'\"&{{command}}\u{1b}";

fn at(minute: i64) -> Instant {
    Instant::UNIX_EPOCH + TimeDelta::minutes(20_000 * 1440 + minute)
}

/// Two days of saw teeth from 12 to 42 minutes with an outage in between, over which the age grows by `late`.
fn days(late: i64, label: &str) -> Timeline {
    let mut timeline = Timeline::new(at(0));
    let mut now = 45;
    while now < 2880 {
        let lasting = if now == 945 { 30 + late } else { 30 };
        timeline.grow(at(now), at(now + lasting), TimeDelta::minutes(12));
        now += lasting;
    }
    let span = |from, until, kind| Span { from: at(from), until: at(until), kind, label: label.to_owned() };
    timeline.mark(span(945, 945 + late, SpanKind::Outage));
    timeline.mark(span(0, 1440, SpanKind::Faults));
    timeline
}

fn page<'a>(
    timeline: &'a Timeline,
    text: &'a str,
    rest: &'a (Vec<(String, String)>, Vec<String>),
) -> Page<'a> {
    Page {
        title: text,
        subtitle: text,
        timeline,
        target: TimeDelta::minutes(60),
        bound: TimeDelta::minutes(55),
        figures: &rest.0,
        command: text,
        violations: &rest.1,
    }
}

fn rest(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    (vec![(text.to_owned(), text.to_owned())], vec![text.to_owned()])
}

/// The page of a run whose every text is `text`.
fn shown(late: i64, text: &str) -> String {
    html(&page(&days(late, text), text, &rest(text)))
}

fn pictures(html: &str) -> Vec<&str> {
    html.split("<svg ").skip(1).map(|part| part.split("</svg>").next().unwrap()).collect()
}

/// The `d` of the path of a class.
fn path<'a>(picture: &'a str, class: &str) -> &'a str {
    let from = picture.split(&format!("<path class=\"{class}\" d=\"")).nth(1).unwrap();
    from.split('"').next().unwrap()
}

/// All heights in a path of `M x y`, `V y` and `H x`.
fn heights(path: &str) -> Vec<f64> {
    path.split(['M', 'V'])
        .filter(|part| !part.is_empty())
        .map(|part| part.split('H').next().unwrap().rsplit(' ').next().unwrap().parse().unwrap())
        .collect()
}

/// The first error in a text as XML, as far as tags, attributes and entities show it.
fn xml_error(xml: &str) -> Option<String> {
    let mut open = Vec::new();
    for part in xml.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { return Some(part.to_owned()) };
        let name = tag.trim_matches('/').split_whitespace().next().unwrap_or_default();
        let quotes = tag.matches('"').count();
        let has_bare_ampersand = part.split('&').skip(1).any(|rest| {
            let entity = rest.split(';').next().unwrap_or_default();
            !["amp", "lt", "gt", "quot", "#39"].contains(&entity)
        });
        if quotes % 2 == 1
            || tag.matches("=\"").count() * 2 != quotes
            || has_bare_ampersand
            || text.contains('>')
        {
            return Some(part.to_owned());
        }
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Some(format!("{name} ends but is not the innermost open tag"));
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    (!open.is_empty()).then(|| format!("{open:?} are not closed"))
}

#[test]
fn the_xml_check_finds_errors() {
    assert_eq!(xml_error("<a b=\"c\"><d/>&amp;</a>"), None);
    for wrong in ["<a><b></a>", "<a>", "<a b=c\"></a>", "<a>&nbsp;</a>", "<a> > </a>", "<a", "<a>&</a>"] {
        assert!(xml_error(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn both_pictures_are_well_formed_with_hostile_labels() {
    let html = shown(200, HOSTILE);
    assert_eq!(pictures(&html).len(), 2);
    for picture in pictures(&html) {
        assert_eq!(xml_error(&format!("<svg {picture}</svg>")), None);
    }
}

#[test]
fn hostile_text_is_escaped() {
    let html = shown(200, HOSTILE);
    // The page has two scripts of its own.
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script>").count(), 2);
    assert_eq!(html.matches("</title>").count(), html.matches("<title").count());
    assert!(!html.contains('\u{1b}'));
    // A name within a value is not replaced.
    assert!(html.contains("&amp;{{command}}"), "{html}");
}

#[test]
fn the_highest_point_of_the_line_is_the_worst_age() {
    let html = shown(200, "an outage");
    for (picture, frame) in pictures(&html).iter().zip([WIDE, NARROW]) {
        // 242 minutes on an axis that ends at 300.
        let expected = frame.bottom - (frame.bottom - frame.top) * 242.0 / 300.0;
        let highest = heights(path(picture, "highest")).into_iter().fold(f64::INFINITY, f64::min);
        assert!((highest - expected).abs() < 0.06, "{highest}, not {expected}");
        assert!(picture.contains(&format!("cy=\"{expected:.1}\"")), "{picture}");
        assert!(picture.contains(">worst 242 min<"), "{picture}");
    }
}

#[test]
fn the_line_of_the_mean_is_flat_where_the_saw_teeth_are_even() {
    let html = shown(0, "nothing");
    let mean = path(pictures(&html)[0], "mean");
    let heights: Vec<f64> = mean
        .split('L')
        .skip(1)
        .map(|part| part.split('H').next().unwrap().split(' ').nth(1).unwrap().parse().unwrap())
        .collect();
    // Two hours are four teeth from 12 to 42 minutes, and two days less the first 40 minutes have 24 of them.
    let expected = WIDE.bottom - (WIDE.bottom - WIDE.top) * 27.0 / 60.0;
    assert_eq!(heights.len(), 23, "{mean}");
    assert!(heights[..22].iter().all(|y| (y - expected).abs() < 6.0), "{expected}: {heights:?}");
}

#[test]
fn target_and_bound_are_drawn_at_their_heights_with_their_names() {
    let html = shown(0, "nothing");
    for (picture, frame) in pictures(&html).iter().zip([WIDE, NARROW]) {
        let y = |age: f64| frame.bottom - (frame.bottom - frame.top) * age / 60.0;
        for (class, age) in [("target", 60.0), ("bound", 55.0)] {
            let line = format!("M{} {:.1}H{}", frame.left, y(age), frame.right);
            assert_eq!(path(picture, class), line);
            assert!(picture.contains(&format!(">{class} {age}{}<", frame.suffix)), "{picture}");
        }
    }
}

#[test]
fn the_area_above_the_target_is_filled_only_if_an_age_is_above_it() {
    assert!(shown(200, "an outage").contains("class=\"above\""));
    assert!(!shown(0, "nothing").contains("class=\"above\""));
}

#[test]
fn the_verdict_states_whether_the_target_was_kept() {
    let above = shown(200, "an outage");
    assert!(above.contains("<strong class=\"bad\">242 minutes</strong>"), "{above}");
    assert!(above.contains("above the target of 60 minutes"), "{above}");
    let kept = shown(0, "nothing");
    assert!(kept.contains("never older than <strong>42 minutes</strong>"), "{kept}");
    assert!(kept.contains("The target of 60 minutes was kept"), "{kept}");
}

#[test]
fn violations_are_listed_only_if_there_are_any() {
    let timeline = days(0, "nothing");
    let none = html(&page(&timeline, "a run", &(vec![], vec![])));
    assert!(!none.contains("<h2>Problems"), "{none}");
    assert!(shown(0, "it is gone").contains("<li>it is gone</li>"));
}

#[test]
fn spans_that_are_left_out_are_counted() {
    let mut timeline = days(200, "an outage");
    let span = timeline.spans()[0].clone();
    (0..240).for_each(|_| timeline.mark(span.clone()));
    let html = html(&page(&timeline, "a run", &(vec![], vec![])));
    assert!(html.contains("42 more spans are not shaded"), "{html}");
}

#[test]
fn the_page_loads_nothing_from_a_network_and_stays_small() {
    let mut timeline = days(200, "an outage");
    timeline.grow(at(2880), at(1440 * 3660), TimeDelta::minutes(12));
    let html = html(&page(&timeline, "a run", &rest("a run")));
    let addresses = html.replace("http://www.w3.org/2000/svg", "").matches("://").count();
    assert_eq!((addresses, html.contains("src=")), (0, false));
    assert!(html.len() < 150_000, "{}", html.len());
}

#[test]
fn a_run_without_any_known_age_gives_a_page_too() {
    let timeline = Timeline::new(at(0));
    let html = html(&page(&timeline, "a run", &(vec![], vec![])));
    assert!(html.contains("Nothing was measured."), "{html}");
    assert_eq!(xml_error(&format!("<svg {}</svg>", pictures(&html)[0])), None);
}

#[test]
fn a_gap_in_the_ages_interrupts_the_line() {
    let mut timeline = days(0, "nothing");
    timeline.grow(at(3000), at(3100), TimeDelta::minutes(5));
    let html = html(&page(&timeline, "a run", &(vec![], vec![])));
    assert_eq!(path(pictures(&html)[0], "highest").matches('M').count(), 2);
    assert_eq!(path(pictures(&html)[0], "area").matches('Z').count(), 2);
}
