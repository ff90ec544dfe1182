//! Constructions of a verb and a noun. The signature follows from the family of the verb and that
//! of the noun (Karttunen 2012): whoever misses a chance does not do it, whoever keeps a promise
//! does.

use super::calculus::Signature;
use super::lexicon::Nesting::{Both, Inner};
use super::lexicon::Source::{self, CasesEtAl2019, Karttunen1971, Karttunen2012};
use super::lexicon::{ALWAYS, Construction, DOWN, MOSTLY, NEUTRAL, ONLY_IF, SOMETIMES, UP};

const CHANCE: &[&str] = &["the chance", "a chance", "% chance"];
const COMMAND: &[&str] = &["the command", "a command", "% command"];
const COURAGE: &[&str] = &["the courage", "courage"];
const DUTY: &[&str] = &["the duty", "a duty", "% duty"];
const FORESIGHT: &[&str] = &["the foresight", "foresight"];
const MONEY: &[&str] = &["the money", "% money"];
const NO_TIME: &[&str] = &["no time"];
const OBLIGATION: &[&str] = &["the obligation", "an obligation", "% obligation"];
const OPPORTUNITY: &[&str] = &["the opportunity", "an opportunity", "% opportunity"];
const ORDER: &[&str] = &["the order", "an order", "% order"];
const PLEDGE: &[&str] = &["the pledge", "a pledge", "% pledge"];
const PROMISE: &[&str] = &["the promise", "a promise", "% promise"];
const SOME_TIME: &[&str] = &["some time"];
const TIME: &[&str] = &["the time", "time"];
const VOW: &[&str] = &["the vow", "a vow", "% vow"];

const BREAK: &str = "break broke broken";
const GET: &str = "get got gotten getting";
const HAVE: &str = "have had had";
const KEEP: &str = "keep kept kept";
const LOSE: &str = "lose lost lost";
const MAKE: &str = "make made made";
const MEET: &str = "meet met met";
const TAKE: &str = "take took taken";

/// A row of the table.
const fn row(
    name: &'static str,
    verb: &'static str,
    tails: &'static [&'static str],
    signature: Signature,
    source: Source,
) -> Construction {
    Construction::new(name, verb, tails, signature, source)
}

pub(super) const PHRASAL: &[Construction] = &[
    row("take chance", TAKE, CHANCE, UP, Karttunen2012).nests(Inner),
    row("take opportunity", TAKE, OPPORTUNITY, UP, Karttunen1971).nests(Inner),
    row("take time", TAKE, TIME, UP, Karttunen1971).nests(Both).held_out(),
    row("take trouble", TAKE, &["the trouble"], UP, Karttunen1971),
    row("seize chance", "seize", CHANCE, UP, Karttunen2012),
    row("seize opportunity", "seize", OPPORTUNITY, UP, Karttunen2012).held_out(),
    row("use chance", "use", CHANCE, UP, Karttunen2012).held_out(),
    row("use opportunity", "use", OPPORTUNITY, UP, Karttunen2012).nests(Inner),
    row("use money", "use", MONEY, UP, Karttunen2012),
    row("waste money", "waste", MONEY, UP, Karttunen2012),
    row("waste time", "waste", &["the time", "% time"], UP, Karttunen2012),
    row("have courage", HAVE, COURAGE, UP, Karttunen2012).held_out(),
    row("have foresight", HAVE, FORESIGHT, UP, Karttunen2012),
    row("have misfortune", HAVE, &["the misfortune"], UP, Karttunen1971),
    row("have sense", HAVE, &["the sense"], UP, Karttunen1971),
    row("keep promise", KEEP, PROMISE, UP, Karttunen2012).nests(Inner),
    row("keep vow", KEEP, VOW, UP, Karttunen2012),
    row("keep pledge", KEEP, PLEDGE, UP, Karttunen2012).held_out(),
    row("fulfill promise", "fulfill", PROMISE, UP, Karttunen2012),
    row("fulfill obligation", "fulfill", OBLIGATION, UP, Karttunen2012),
    row("fulfill duty", "fulfill", DUTY, UP, Karttunen2012).held_out(),
    row("meet obligation", MEET, OBLIGATION, UP, Karttunen2012),
    row("meet duty", MEET, DUTY, UP, Karttunen2012),
    row("follow order", "follow", ORDER, UP, Karttunen2012).nests(Inner),
    row("follow command", "follow", COMMAND, UP, Karttunen2012),
    row("obey order", "obey", ORDER, UP, Karttunen2012),
    row("obey command", "obey", COMMAND, UP, Karttunen2012).held_out(),
    row("miss chance", "miss", CHANCE, DOWN, Karttunen2012).nests(Inner),
    row("miss opportunity", "miss", OPPORTUNITY, DOWN, Karttunen2012).nests(Inner),
    row("lose chance", LOSE, CHANCE, DOWN, Karttunen2012).held_out(),
    row("lose opportunity", LOSE, OPPORTUNITY, DOWN, Karttunen2012),
    row("waste chance", "waste", CHANCE, DOWN, Karttunen2012).held_out(),
    row("waste opportunity", "waste", OPPORTUNITY, DOWN, Karttunen2012).nests(Inner),
    row("squander chance", "squander", CHANCE, DOWN, Karttunen2012),
    row("squander opportunity", "squander", OPPORTUNITY, DOWN, Karttunen2012).held_out(),
    row("break promise", BREAK, PROMISE, DOWN, Karttunen2012).nests(Inner),
    row("break vow", BREAK, VOW, DOWN, Karttunen2012),
    row("break pledge", BREAK, PLEDGE, DOWN, Karttunen2012).held_out(),
    row("fail obligation", "fail", OBLIGATION, DOWN, Karttunen2012),
    row("fail duty", "fail", DUTY, DOWN, Karttunen2012),
    row("neglect obligation", "neglect", OBLIGATION, DOWN, Karttunen2012).held_out(),
    row("neglect duty", "neglect", DUTY, DOWN, Karttunen2012),
    row("disobey order", "disobey", ORDER, DOWN, Karttunen2012).nests(Inner),
    row("disobey command", "disobey", COMMAND, DOWN, Karttunen2012),
    row("lack courage", "lack", COURAGE, DOWN, Karttunen2012),
    row("lack foresight", "lack", FORESIGHT, DOWN, Karttunen2012),
    row("take no time", TAKE, NO_TIME, ALWAYS, CasesEtAl2019).negative(SOME_TIME).nests(Inner),
    row("waste no time", "waste", NO_TIME, ALWAYS, CasesEtAl2019)
        .negative(SOME_TIME)
        .nests(Inner)
        .held_out(),
    row("take vow", TAKE, VOW, NEUTRAL, CasesEtAl2019).nests(Inner),
    row("make vow", MAKE, VOW, NEUTRAL, CasesEtAl2019).nests(Inner).held_out(),
    row("make promise", MAKE, PROMISE, NEUTRAL, CasesEtAl2019),
    row("make pledge", MAKE, PLEDGE, NEUTRAL, CasesEtAl2019),
    row("have opportunity", HAVE, OPPORTUNITY, ONLY_IF, Karttunen1971).held_out(),
    row("have patience", HAVE, &["the patience", "patience"], ONLY_IF, Karttunen1971),
    row("get chance", GET, CHANCE, MOSTLY, CasesEtAl2019),
    row("have time", HAVE, TIME, MOSTLY, CasesEtAl2019).held_out(),
    row("have chance", HAVE, CHANCE, SOMETIMES, CasesEtAl2019),
];
