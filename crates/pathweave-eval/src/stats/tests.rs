use super::*;

fn close(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-6 * expected.abs().max(1e-3), "{value}, not {expected}");
}

#[test]
fn the_quantile_is_the_tables() {
    // Two-sided 95 % of Student's t, to the digits of the printed tables.
    for (dof, t) in [
        (1.0, 12.706_204_736),
        (2.0, 4.302_652_730),
        (3.0, 3.182_446_305),
        (4.0, 2.776_445_105),
        (9.0, 2.262_157_163),
        (30.0, 2.042_272_456),
        (1000.0, 1.962_339_081),
    ] {
        close(quantile(dof).unwrap(), t);
    }
}

#[test]
fn mean_sd_and_interval() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    assert_eq!(mean(&values), Some(3.0));
    close(sd(&values).unwrap(), 2.5_f64.sqrt());
    close(ci95(&values).unwrap(), 2.776_445_105 * 0.5_f64.sqrt());
}

#[test]
fn few_or_unsound_values_have_no_answer() {
    assert_eq!((mean(&[]), sd(&[]), ci95(&[])), (None, None, None));
    assert_eq!((mean(&[2.0]), sd(&[2.0]), ci95(&[2.0])), (Some(2.0), None, None));
    assert_eq!(mean(&[1.0, f64::NAN]), None);
    assert_eq!(ci95(&[1.0, f64::INFINITY]), None);
    assert_eq!(welch(&[1.0], &[1.0, 2.0]), None);
    assert_eq!(paired(&[1.0, 2.0], &[1.0]), None);
    assert_eq!(paired(&[1.0], &[1.0]), None);
    assert_eq!(ci95(&[2.0, 2.0]), Some(0.0));
}

#[test]
fn welch_by_hand() {
    // Means 2 and 5, squared errors 1/3 and 1: dof = (4/3)² / ((1/9 + 1) / 2) = 3.2.
    let found =
        welch(&[1.0, 2.0, 3.0], &[5.0 - 3.0_f64.sqrt(), 5.0, 5.0 + 3.0_f64.sqrt()]).unwrap();
    close(found.mean, -3.0);
    close(found.dof, 3.2);
    // With equal sizes and variances it is the pooled test: n + m − 2 degrees of freedom.
    let equal = welch(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0]).unwrap();
    close(equal.dof, 4.0);
    close(equal.ci95, 2.776_445_105 * (2.0_f64 / 3.0).sqrt());
    // t² = 6 at 4 degrees of freedom; P(|T| > t) = 1 − x(3 − x²)/2 with x = t/√(t² + 4).
    let x = (6.0_f64 / 10.0).sqrt();
    close(equal.p, 1.0 - x * (3.0 - x * x) / 2.0);
}

#[test]
fn paired_by_hand() {
    // Differences 1 and 3: mean 2, error 1, t = 2 at one degree of freedom (Cauchy).
    let found = paired(&[2.0, 5.0], &[1.0, 2.0]).unwrap();
    assert_eq!((found.mean, found.dof), (2.0, 1.0));
    close(found.ci95, 12.706_204_736);
    close(found.p, 1.0 - 2.0 * 2.0_f64.atan() / std::f64::consts::PI);
}

#[test]
fn values_that_do_not_vary_are_certain() {
    let equal = welch(&[1.0, 1.0], &[1.0, 1.0]).unwrap();
    assert_eq!((equal.mean, equal.ci95, equal.p, equal.dof), (0.0, 0.0, 1.0, 2.0));
    assert_eq!(welch(&[2.0, 2.0], &[1.0, 1.0]).unwrap().p, 0.0);
    assert_eq!(paired(&[2.0, 3.0], &[1.0, 2.0]).unwrap().p, 0.0);
}
