//! Tests of the public interface, one binary so that it links once.

mod batch;
mod check;
mod conformance;
mod constructions;
mod drawn;
mod files;
mod formats;
mod image_folders;
mod implicatives;
mod real_data;
mod rules;
mod streams;
mod text;
mod ziggurat;
