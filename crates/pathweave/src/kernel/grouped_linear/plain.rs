//! The grouped linear layer in ordinary tensor operations: the path of backends without the
//! kernel, and the kernel's oracle.

use burn::tensor::{Int, Tensor, activation};

/// Same contract as [`super::grouped_linear`]. The actions are read back once; every module that
/// has rows costs one selection and one product.
pub fn grouped_linear(
    x: Tensor<2>,
    weight: Tensor<3>,
    bias: Tensor<2>,
    action: &Tensor<1, Int>,
    relu: bool,
) -> Tensor<2> {
    let device = x.device();
    let [modules, input, output] = weight.dims();
    let rows = x.dims()[0];
    let actions: Vec<i64> = action.to_data().iter::<i64>().collect();
    let mut parts = Vec::new();
    let mut order: Vec<i32> = Vec::with_capacity(rows);
    for module in 0..=modules {
        let chosen = |a: i64| usize::try_from(a).unwrap_or(modules).min(modules) == module;
        let places: Vec<i32> =
            (0..rows).filter(|&row| chosen(actions[row])).map(|row| row as i32).collect();
        if places.is_empty() {
            continue;
        }
        let picked = x.clone().select(0, Tensor::from_data(places.as_slice(), &device));
        order.extend(places);
        if module == modules {
            parts.push(picked);
            continue;
        }
        let w = weight.clone().narrow(0, module, 1).reshape([input, output]);
        let y = picked.matmul(w) + bias.clone().narrow(0, module, 1);
        parts.push(if relu { activation::relu(y) } else { y });
    }
    if parts.is_empty() {
        return Tensor::zeros([0, output], &device);
    }
    let mut back = vec![0i32; rows];
    for (place, &row) in order.iter().enumerate() {
        back[row as usize] = place as i32;
    }
    Tensor::cat(parts, 0).select(0, Tensor::from_data(back.as_slice(), &device))
}
