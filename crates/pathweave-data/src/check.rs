//! What is in a data folder: every file of a known format with its counts, labels, checksum and
//! faults, each file read as a whole.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::batch::hex;
use crate::error::{DataError, DataErrors};
use crate::format::image_folder::{self, entries, image_files, name_of};
use crate::format::{Images, cifar_bin, idx, parquet, read_file};
use crate::source::cifar100;

/// How deep below the folder files are looked for.
const DEPTH: usize = 3;

/// The files of a data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Each file (or folder of images by class), by name.
    pub files: Vec<FileCheck>,
}

impl Check {
    /// Whether no file has a fault.
    pub fn is_sound(&self) -> bool {
        self.files.iter().all(|file| file.faults.is_empty())
    }
}

/// One file of a known format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCheck {
    /// Path below the folder.
    pub file: PathBuf,
    /// Its format.
    pub format: Format,
    /// Samples; 0 where it could not be read.
    pub count: u64,
    /// A histogram for each kind of label.
    pub labels: Vec<Histogram>,
    /// SHA-256 of the file as it is stored; of a folder: of its files' names and bytes, by name.
    pub sha256: String,
    /// What is wrong with it.
    pub faults: Vec<String>,
}

/// A known format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// IDX with three dimensions.
    IdxImages,
    /// IDX with one dimension.
    IdxLabels,
    /// `train.bin` or `test.bin` of CIFAR-100.
    CifarBinary,
    /// Parquet with images.
    Parquet,
    /// A folder of images by class.
    ImageFolder,
}

/// How often each label occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// "label", "coarse label".
    pub name: String,
    /// Samples of label 0, 1, ….
    pub counts: Vec<u64>,
}

/// Reads every file of a known format in `folder` and up to three folders below it.
///
/// # Errors
/// The folder cannot be read, or holds no such file. Faults of a file are in its entry.
pub fn check(folder: &Path) -> Result<Check, DataErrors> {
    let mut found = Vec::new();
    find(folder, DEPTH, &mut found)?;
    if found.is_empty() {
        return Err(DataErrors::from(DataError::Missing {
            folder: folder.to_path_buf(),
            what: "data files".to_owned(),
            looked_for: [
                "*-idx3-ubyte[.gz]",
                "*-idx1-ubyte[.gz]",
                "train.bin",
                "test.bin",
                "*.parquet",
                "<class>/*.png",
            ]
            .map(str::to_owned)
            .to_vec(),
        }));
    }
    let mut files: Vec<FileCheck> =
        found.iter().map(|(file, format)| check_one(folder, file, *format)).collect();
    compare_counts(&mut files);
    Ok(Check { files })
}

fn find(folder: &Path, depth: usize, found: &mut Vec<(PathBuf, Format)>) -> Result<(), DataError> {
    if !image_folder::classes(folder)?.is_empty() {
        found.push((folder.to_path_buf(), Format::ImageFolder));
    }
    for entry in entries(folder)? {
        if let Some(format) = format_of(&entry) {
            found.push((entry, format));
        } else if depth > 0 && entry.is_dir() {
            find(&entry, depth - 1, found)?;
        }
    }
    Ok(())
}

/// The format that a file's name promises.
fn format_of(file: &Path) -> Option<Format> {
    let name = name_of(file);
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    let format = match bare {
        "train.bin" | "test.bin" => Format::CifarBinary,
        _ if bare.ends_with("idx3-ubyte") => Format::IdxImages,
        _ if bare.ends_with("idx1-ubyte") => Format::IdxLabels,
        _ if bare.ends_with(".parquet") => Format::Parquet,
        _ => return None,
    };
    file.is_file().then_some(format)
}

fn check_one(folder: &Path, file: &Path, format: Format) -> FileCheck {
    let mut entry = FileCheck {
        file: file.strip_prefix(folder).unwrap_or(file).to_path_buf(),
        format,
        count: 0,
        labels: Vec::new(),
        sha256: String::new(),
        faults: Vec::new(),
    };
    match checksum(file, format) {
        Ok(sha256) => entry.sha256 = sha256,
        Err(fault) => entry.faults.push(fault.to_string()),
    }
    match contents(file, format) {
        Ok(contents) => {
            entry.count = contents.count as u64;
            entry.labels = contents.labels;
        }
        Err(errors) => {
            entry.faults.extend(errors.as_slice().iter().map(ToString::to_string));
            entry.faults.dedup();
        }
    }
    entry
}

struct Contents {
    count: usize,
    labels: Vec<Histogram>,
}

fn contents(file: &Path, format: Format) -> Result<Contents, DataErrors> {
    let of = |images: Images| {
        let mut labels = vec![histogram("label", &images.labels)];
        labels.extend(images.coarse.as_ref().map(|coarse| histogram("coarse label", coarse)));
        Contents { count: images.len(), labels }
    };
    Ok(match format {
        Format::IdxImages => Contents { count: idx::images(file)?.count, labels: Vec::new() },
        Format::IdxLabels => {
            let labels = idx::labels(file, 10)?;
            Contents { count: labels.len(), labels: vec![histogram("label", &labels)] }
        }
        Format::CifarBinary => {
            let images = cifar_bin::read(file)?;
            cifar100::consistent(file, &images)?;
            of(images)
        }
        Format::Parquet => {
            let images = parquet::read(file, u16::MAX)?;
            cifar100::consistent(file, &images)?;
            of(images)
        }
        Format::ImageFolder => {
            let classes = image_folder::classes(file)?;
            of(image_folder::read(file, &classes, None)?)
        }
    })
}

fn histogram(name: &str, labels: &[u16]) -> Histogram {
    let mut counts = vec![0; labels.iter().max().map_or(0, |&most| usize::from(most) + 1)];
    for &label in labels {
        counts[usize::from(label)] += 1;
    }
    Histogram { name: name.to_owned(), counts }
}

fn checksum(file: &Path, format: Format) -> Result<String, DataError> {
    let mut hash = Sha256::new();
    if format != Format::ImageFolder {
        hash.update(read_file(file)?);
        return Ok(hex(&hash.finalize()));
    }
    for class in image_folder::classes(file)? {
        for image in image_files(&file.join(&class))? {
            let bytes = read_file(&image)?;
            let name = format!("{class}/{}", name_of(&image));
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
    }
    Ok(hex(&hash.finalize()))
}

/// IDX labels must be as many as the images of the file of the same name.
fn compare_counts(files: &mut [FileCheck]) {
    let stem = |file: &Path| {
        let path = file.to_string_lossy();
        let bare = path.strip_suffix(".gz").unwrap_or(&path);
        bare.replace("labels", "images").replace("idx1", "idx3")
    };
    let images: Vec<(String, u64)> = (files.iter())
        .filter(|file| file.format == Format::IdxImages && file.faults.is_empty())
        .map(|file| (stem(&file.file), file.count))
        .collect();
    for file in files.iter_mut().filter(|file| file.format == Format::IdxLabels) {
        let pair = images.iter().find(|(name, _)| *name == stem(&file.file));
        if let Some((name, count)) = pair
            && file.faults.is_empty()
            && file.count != *count
        {
            let found = file.count;
            file.faults
                .push(format!("wrong size: found {found} labels, {name} has {count} images"));
        }
    }
}
