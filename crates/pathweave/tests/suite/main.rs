//! Tests of the public interface, one binary so that it links once.

mod algorithms;
mod dispatching;
mod exactness;
mod examples;
mod golden_optimizers;
mod golden_step;
mod interventions;
mod kernels;
mod routing;
mod rule_fused_mha;
mod rule_fused_mlp;
mod rule_fused_rnn;
mod rule_runs;
mod rule_twins;
mod scalar_oracles;
mod spec_combinations;
mod support;
mod text;
mod text_kernels;
mod toys;
mod training;
mod transformers;
