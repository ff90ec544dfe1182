//! Toys: routed lines and routed formulas.

use burn::tensor::TensorData;
use pathweave::bank::Bank;
use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::Dispatcher;
use pathweave::policy::PolicyKind;
use pathweave::reward::FinalReward;
use pathweave::toy::ToyError;
use pathweave::toy::formula::{
    FormulaNetwork, FormulaToy, FormulaToySpec, Learner, Order, Reduction, Tokens,
};
use pathweave::toy::lines::{LinesToy, LinesToySpec};
use pathweave_data::Split;
use pathweave_data::dataset::formula::{Formula, MINUS, PLUS, TIMES, TOKENS, apply};
use pathweave_data::dataset::lines::{Line, LinePoints};
use pathweave_data::dataset::{FormulaSpec, LinesSpec};
use proptest::prelude::*;

use super::support::{bits, cpu, numbers};

/// Modules by the line that a point belongs to.
fn told() -> LinesToySpec {
    LinesToySpec {
        algorithm: AlgorithmKind::Assigned,
        dispatcher: Dispatcher::Meta,
        policy: PolicyKind::Tabular,
        steps: 1500,
        ..LinesToySpec::default()
    }
}

#[test]
fn modules_that_are_told_their_points_find_the_lines() {
    let data = LinesSpec { noise: 0.0, ..LinesSpec::default() };
    let points = data.draw(Split::Train);
    let mut toy = LinesToy::new(told(), 2, &cpu()).unwrap();
    toy.train(&points).unwrap();
    for (found, want) in toy.lines().iter().zip(&data.lines) {
        assert!((found.slope - want.slope).abs() < 0.02, "{found:?}, {want:?}");
        assert!((found.intercept - want.intercept).abs() < 0.02, "{found:?}, {want:?}");
    }
    let outcome = toy.outcome(&data.draw(Split::Test));
    assert!(outcome.error < 1e-3, "{}", outcome.error);
    let lines = data.draw(Split::Test).line;
    assert!(outcome.paths.iter().zip(lines).all(|(path, line)| *path == [line]));
}

#[test]
fn a_step_of_one_module_is_gradient_descent_on_the_squared_error() {
    let start = Line { slope: 0.3, intercept: -0.2 };
    let spec = LinesToySpec { start: vec![start], jitter: 0.0, ..told() };
    let rate = spec.train.learning_rate;
    let points = LinesSpec::default().draw(Split::Train);
    let mut toy = LinesToy::new(spec, 2, &cpu()).unwrap();
    toy.step(&points).unwrap();
    let count = points.len() as f64;
    let (mut slope, mut intercept) = (f64::from(start.slope), f64::from(start.intercept));
    let (a, b) = (slope, intercept);
    for (&x, &y) in points.x.iter().zip(&points.y) {
        let (x, y) = (f64::from(x), f64::from(y));
        slope -= rate * 2.0 * (a * x + b - y) * x / count;
        intercept -= rate * 2.0 * (a * x + b - y) / count;
    }
    let found = toy.lines()[0];
    assert!((f64::from(found.slope) - slope).abs() < 1e-5, "{found:?} {slope}");
    assert!((f64::from(found.intercept) - intercept).abs() < 1e-5, "{found:?} {intercept}");
}

#[test]
fn lines_repeat_bit_for_bit_and_modules_in_a_row_have_no_intercept() {
    let data = LinesSpec { points: 7, ..LinesSpec::default() };
    let run = || {
        let spec = LinesToySpec {
            intercepts: false,
            depths: 3,
            terminate: true,
            steps: 5,
            ..LinesToySpec::default()
        };
        let mut toy = LinesToy::new(spec, 2, &cpu()).unwrap();
        toy.train(&data.draw(Split::Train)).unwrap();
        toy
    };
    let (first, second) = (run(), run());
    let Bank::Linear(bank) = first.layer.bank(0) else { panic!("linear modules") };
    let Bank::Linear(again) = second.layer.bank(0) else { panic!("linear modules") };
    assert_eq!(bits(&bank.weight.val()), bits(&again.weight.val()));
    assert!(numbers(&bank.bias.val()).iter().all(|bias| *bias == 0.0));
    let outcome = first.outcome(&data.draw(Split::Test));
    assert!(outcome.paths.iter().all(|path| path.len() <= 3));
    for (index, path) in outcome.paths.iter().enumerate() {
        let slope: f32 = path.iter().map(|module| first.lines()[*module as usize].slope).product();
        let want = slope * data.draw(Split::Test).x[index];
        assert!((outcome.y[index] - want).abs() < 1e-4, "{path:?}");
    }
}

#[test]
fn no_points_and_one_point_are_no_harm() {
    let mut toy = LinesToy::new(LinesToySpec::default(), 2, &cpu()).unwrap();
    toy.train(&LinePoints::default()).unwrap();
    assert_eq!((toy.step, toy.outcome(&LinePoints::default()).error), (0, 0.0));
    let one = LinePoints { x: vec![0.5], y: vec![1.0], line: vec![1] };
    toy.step(&one).unwrap();
    assert_eq!(toy.outcome(&one).y.len(), 1);
    let nan = LinePoints { y: vec![f32::NAN], ..one };
    assert!(matches!(toy.step(&nan), Err(ToyError::Diverged { step: 1, which: "module", .. })));
}

#[test]
fn faults_of_toys_are_told_together() {
    let mut spec = LinesToySpec { start: Vec::new(), depths: 0, ..LinesToySpec::default() };
    spec.reward.last = FinalReward::Correct;
    let Err(ToyError::Settings(faults)) = LinesToy::new(spec, 2, &cpu()) else {
        panic!("settings that mean nothing")
    };
    assert_eq!(faults.len(), 3, "{faults:?}");
    let spec = FormulaToySpec {
        modules: 0,
        algorithm: AlgorithmKind::QLearning,
        ..FormulaToySpec::default()
    };
    let error = FormulaToy::new(spec, &cpu()).unwrap_err().to_string();
    assert!(error.contains("modules") && error.contains("q_learning"), "{error}");
}

#[test]
fn a_curriculum_grows_and_the_others_do_not() {
    let lengths = |order: Order, step| order.lengths(step, 90, 4);
    assert_eq!(lengths(Order::Curriculum, 0), [2]);
    assert_eq!(lengths(Order::Curriculum, 30), [2, 3]);
    assert_eq!(lengths(Order::Curriculum, 89), [2, 3, 4]);
    assert_eq!(lengths(Order::Curriculum, 500), [2, 3, 4]);
    assert_eq!(lengths(Order::Shuffled, 0), [2, 3, 4]);
    assert_eq!(lengths(Order::LongestOnly, 0), [4]);
    assert_eq!(Order::Curriculum.lengths(0, 0, 2), [2]);
}

fn small(learner: Learner) -> FormulaToySpec {
    let mut spec = FormulaToySpec { learner, steps: 6, ..FormulaToySpec::default() };
    spec.data = FormulaSpec { longest: 3, test_each: 20, ..FormulaSpec::default() };
    spec.train.batch = 8;
    spec
}

#[test]
fn learners_of_formulas_repeat_and_answer_with_digits() {
    for learner in [Learner::Routed, Learner::Recurrent] {
        let run = || {
            let mut toy = FormulaToy::new(small(learner), &cpu()).unwrap();
            let losses: Vec<u32> = (0..6).map(|_| toy.step().unwrap().to_bits()).collect();
            assert!(toy.finished());
            (losses, toy)
        };
        let ((first, toy), (second, _)) = (run(), run());
        assert_eq!(first, second);
        let data = FormulaSpec { test_each: 420, ..FormulaSpec::default() };
        let mixed: Vec<Formula> = (1..=5).flat_map(|length| data.test(length)).collect();
        let answers = toy.answer(&mixed);
        assert!(answers.digits.iter().all(|digit| *digit < 10));
        assert_eq!((answers.digits.len(), answers.paths.len()), (2100, 2100));
        for (path, formula) in answers.paths.iter().zip(&mixed) {
            assert!(path.len() < formula.length());
            let stops = path.iter().filter(|decision| decision.is_none()).count();
            assert!(stops == 0 || stops == 1 && path.last() == Some(&None));
        }
        assert!(toy.answer(&[]).accuracy.is_nan());
    }
}

#[test]
fn a_formula_of_one_digit_is_its_own_answer() {
    let toy = FormulaToy::new(small(Learner::Routed), &cpu()).unwrap();
    let digits: Vec<Formula> = (0..10).map(|digit| Formula::new(vec![digit]).unwrap()).collect();
    let answers = toy.answer(&digits);
    assert_eq!(answers.accuracy, 1.0);
    assert!(answers.paths.iter().all(Vec::is_empty));
}

#[test]
fn later_epochs_of_ppo_move_the_router_alone() {
    let after = |epochs| {
        let mut spec = small(Learner::Routed);
        spec.settings.ppo.epochs = epochs;
        let mut toy = FormulaToy::new(spec, &cpu()).unwrap();
        toy.step().unwrap();
        let FormulaNetwork::Routed(network) = toy.network else { panic!("routed") };
        let Bank::Mlp(bank) = &network.bank else { panic!("two layers") };
        (bits(&bank.first.weight.val()), bits(&network.router.first.weight.val()))
    };
    let (once, often) = (after(1), after(4));
    assert_eq!(once.0, often.0);
    assert_ne!(once.1, often.1);
}

#[test]
fn sums_of_two_digits_are_being_learned() {
    let mut spec = small(Learner::Routed);
    spec.data.longest = 2;
    (spec.train.batch, spec.steps) = (64, 150);
    let mut toy = FormulaToy::new(spec, &cpu()).unwrap();
    let losses: Vec<f32> = (0..150).map(|_| toy.step().unwrap()).collect();
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    let (first, last) = (mean(&losses[..10]), mean(&losses[140..]));
    assert!(last < first - 0.3, "{first} {last}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Replacing windows in a tensor is what `splice` does to the tokens, row by row.
    #[test]
    fn windows_are_replaced_where_they_stand(
        operators in prop::collection::vec(0usize..5, 1..5),
        seed in 0usize..10_000,
    ) {
        let pick = |salt: usize, below: usize| (seed / (salt % 7 + 1) + salt * 31) % below;
        let mut rows: Vec<Vec<u8>> = operators
            .iter()
            .enumerate()
            .map(|(row, &count)| {
                (0..2 * count + 1)
                    .map(|place| match place % 2 {
                        0 => pick(row * 17 + place, 10) as u8,
                        _ => [PLUS, MINUS, TIMES][pick(row + place, 3)],
                    })
                    .collect()
            })
            .collect();
        let formulas: Vec<Formula> =
            rows.iter().map(|tokens| Formula::new(tokens.clone()).unwrap()).collect();
        let mut tokens = Tokens::new(&formulas, &cpu());
        for round in 0..5 {
            let mut reductions = Vec::new();
            let mut new = Vec::new();
            for (row, tokens) in rows.iter_mut().enumerate() {
                let left = tokens.len() / 2;
                // Now and then a row waits.
                if left == 0 || pick(row + 3 * round, 4) == 0 {
                    continue;
                }
                let place = pick(row + round, left);
                reductions.push(Reduction { row, place, module: 0 });
                let window = &tokens[2 * place..2 * place + 3];
                let value = apply(window[0], window[1], window[2]).unwrap();
                tokens.splice(2 * place..2 * place + 3, [value]);
                new.extend((0..TOKENS).map(|token| f32::from(token == usize::from(value))));
            }
            if reductions.is_empty() {
                continue;
            }
            let windows = numbers(&tokens.chosen(&reductions));
            prop_assert_eq!(windows.len(), reductions.len() * 3 * TOKENS);
            let new = TensorData::new(new, [reductions.len(), TOKENS]);
            tokens.replace(&reductions, burn::tensor::Tensor::from_data(new, &cpu()));
        }
        let [count, length, _] = tokens.values.dims();
        let found = numbers(&tokens.values);
        for row in 0..count {
            prop_assert_eq!(tokens.operators[row], rows[row].len() / 2);
            for place in 0..length {
                let at = &found[(row * length + place) * TOKENS..][..TOKENS];
                let want: Vec<f64> = (0..TOKENS)
                    .map(|token| f64::from(rows[row].get(place) == Some(&(token as u8))))
                    .collect();
                prop_assert_eq!(at, &want[..]);
            }
        }
    }
}
