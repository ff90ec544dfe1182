//! A bank of nearly equal modules out of one (T 5.3.1.4).

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use crate::init::Init;

/// M copies of the one module of a bank whose parameters are all stacked, each number plus normal
/// noise of standard deviation `noise`: copies that differ enough for a router to drive them apart.
/// The noise of a parameter has a stream of its own, named by `init` and its path.
///
/// # Deviations
/// - T 5.3.1.4 gives the noise of copies as "σ² < 10⁻⁷" and no distribution: it is normal, of standard
///   deviation `model.text.transformer.noise`, 10⁻⁴ (σ² = 10⁻⁸) unless set otherwise.
pub fn copies<M: Module>(one: M, modules: usize, noise: f64, init: &Init) -> M {
    one.map(&mut Copier { path: Vec::new(), modules, noise, init })
}

struct Copier<'a> {
    path: Vec<String>,
    modules: usize,
    noise: f64,
    init: &'a Init<'a>,
}

impl ModuleMapper for Copier<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let one = param.val().inner();
        assert_eq!(one.dims()[0], 1, "one module, stacked");
        let mut values: Vec<f32> = one.to_data().iter::<f32>().collect();
        values = values.repeat(self.modules);
        if self.noise > 0.0 {
            let mut drawn = vec![0.0; values.len()];
            let name = format!("{}/noise/{}", self.init.path(), self.path.join("."));
            self.init.streams().stream(&name, 0).fill_normal(&mut drawn);
            let noise = self.noise as f32;
            values.iter_mut().zip(drawn).for_each(|(value, drawn)| *value += noise * drawn);
        }
        let mut shape = one.dims();
        shape[0] = self.modules;
        let data = TensorData::new(values, shape);
        Param::from_tensor(Tensor::from_data(data, self.init.device()))
    }
}
