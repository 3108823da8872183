// SPDX-License-Identifier: MIT OR Apache-2.0
//! A pointer in whole sessions: what it does to the menu, and what it must not do.

use lamboot_core::ports::{Key, Pointer, Resolution};
use lamboot_core::session::Exit;
use lamboot_sim::{Boot, Ending, Machine};

const SCREEN: Resolution = Resolution { width: 1024, height: 768 };
/// What is selected, in the dark theme.
const SELECTED: u32 = 0x002B_5FC7;

fn machine() -> Machine {
    let mut machine = Machine::with_debian();
    machine.resolution = Some(SCREEN);
    machine
}

fn moved(x: u16, y: u16) -> Pointer {
    Pointer { x, y, clicked: false, scrolled: 0 }
}

fn clicked((x, y): (u16, u16)) -> Pointer {
    Pointer { clicked: true, ..moved(x, y) }
}

/// Where the menu shows what these keys select.
fn place_of(keys: &[Key]) -> (u16, u16) {
    let mut machine = machine();
    machine.press(&[Key::Escape]);
    machine.press(keys);
    let picture = machine.boot().picture.expect("there is a picture");
    let header = (SCREEN.width * SCREEN.height / 8) as usize;
    let shown: Vec<usize> =
        (header..picture.pixels.len()).filter(|place| picture.pixels[*place] == SELECTED).collect();
    let middle = u32::try_from(shown[shown.len() / 2]).expect("on the screen");
    let part = |pixel: u32, all: u32| u16::try_from(pixel * 65536 / all).expect("on the screen");
    (part(middle % SCREEN.width, SCREEN.width), part(middle / SCREEN.width, SCREEN.height))
}

fn ends(pointers: &[Pointer]) -> Boot {
    let mut machine = machine();
    pointers.iter().for_each(|pointer| machine.point(*pointer));
    machine.boot()
}

#[test]
fn moving_does_not_stop_the_countdown() {
    let way: Vec<Pointer> = (0..100).map(|step| moved(step * 650, step * 650)).collect();
    let boot = ends(&way);
    assert_eq!(boot.ending, Ending::Started(r"\6.12\linux".into()));
    assert!((5_000_000..5_200_000).contains(&boot.took_us), "as if nothing moved: {}", boot.took_us);
}

#[test]
fn moving_over_an_entry_does_not_change_what_the_countdown_starts() {
    let (x, y) = place_of(&[Key::Down]);
    assert_eq!(ends(&[moved(x, y)]).ending, Ending::Started(r"\6.12\linux".into()));
}

#[test]
fn a_click_stops_the_countdown_wherever_it_is() {
    assert_eq!(ends(&[clicked((65535, 65535))]).ending, Ending::Waits);
}

#[test]
fn a_click_chooses_and_another_one_starts() {
    let place = place_of(&[Key::Down]);
    let boot = ends(&[clicked(place)]);
    assert_eq!(boot.ending, Ending::Waits);
    assert!(boot.frames.last().is_some_and(|frame| frame.contains("> Debian 6.11")), "{:?}", boot.frames);
    assert_eq!(ends(&[clicked(place), clicked(place)]).ending, Ending::Started(r"\6.11\linux".into()));
}

#[test]
fn tools_are_used_by_a_click() {
    let power_off = place_of(&[Key::Tab, Key::Down, Key::Down]);
    assert_eq!(ends(&[clicked(power_off)]).ending, Ending::Left(Exit::PowerOff));
}

#[test]
fn the_wheel_chooses() {
    let mut machine = machine();
    machine.point(Pointer { scrolled: 2, ..moved(0, 0) });
    machine.press(&[Key::Enter]);
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.1\linux".into()));
}

#[test]
fn a_card_is_closed_by_a_click_beside_it_only() {
    let mut machine = machine();
    machine.press(&[Key::Function(1)]);
    machine.point(clicked((32768, 32768)));
    assert!(machine.boot().frames.last().is_some_and(|frame| frame.contains("this help")));
    machine.press(&[Key::Function(1)]);
    machine.point(clicked((100, 65000)));
    assert!(machine.boot().frames.last().is_some_and(|frame| !frame.contains("this help")));
}

#[test]
fn there_is_no_arrow_before_the_pointer_moves() {
    let picture = |pointers: &[Pointer]| {
        let mut machine = machine();
        machine.press(&[Key::Escape]);
        pointers.iter().for_each(|pointer| machine.point(*pointer));
        machine.boot().picture.expect("there is a picture")
    };
    let (still, moved) = (picture(&[]), picture(&[moved(30000, 40000)]));
    let different = still.pixels.iter().zip(&moved.pixels).filter(|(a, b)| a != b).count();
    assert!((50..1000).contains(&different), "{different}");
    assert!(moved.drawn - still.drawn < 1000, "{}", moved.drawn - still.drawn);
}

#[test]
fn nobody_looks_for_pointers_where_they_are_of_no_use() {
    let asks = |machine: &mut Machine| machine.boot().asked_for_pointers;
    assert!(asks(&mut machine()));
    for text in ["[ui]\nmouse = false\n", "[ui]\ndisplay = \"text\"\n", "[ui]\nmenu = \"hidden\"\n"] {
        let mut machine = machine();
        machine.policy(text);
        machine.point(clicked((65535, 65535)));
        assert!(!asks(&mut machine), "{text}");
    }
    assert!(!asks(&mut Machine::with_debian()), "a menu of text has none");
}

#[test]
fn a_click_is_nothing_where_the_owner_wants_no_mouse() {
    let mut machine = machine();
    machine.policy("[ui]\nmouse = false\n");
    machine.point(clicked((65535, 65535)));
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
}
