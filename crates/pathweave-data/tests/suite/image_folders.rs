//! Folders of images by class, and MIN-MTL made of them.

use std::fs;
use std::path::Path;

use pathweave_data::dataset::{MinMtlSpec, Source};
use pathweave_data::format::image_folder;
use pathweave_data::{Split, TaskSet};

use super::files;

/// `each` images of 2×2 in each of four class folders of `place`.
fn write_classes(place: &Path, each: usize, first: usize) {
    for (class, name) in ["ape", "bee", "cat", "dog"].into_iter().enumerate() {
        fs::create_dir_all(place.join(name)).unwrap();
        for at in 0..each {
            let bytes = files::png(&files::pixels(first + class * each + at, 12), 2, 2);
            fs::write(place.join(name).join(format!("{at:03}.png")), bytes).unwrap();
        }
    }
}

fn spec() -> MinMtlSpec {
    MinMtlSpec { source: Source::Folder, tasks: 2, classes_per_task: 2, ..Default::default() }
}

fn counts(set: &TaskSet) -> [usize; 3] {
    [Split::Train, Split::Test, Split::Validation].map(|split| set.examples(split).len())
}

#[test]
fn split_folders_are_taken_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write_classes(&folder.path().join("train"), 5, 0);
    write_classes(&folder.path().join("test"), 2, 100);
    let set = spec().load(folder.path()).unwrap();
    assert_eq!((counts(&set), set.shape.len(), set.tasks, set.classes), ([20, 8, 0], 12, 2, 2));
    let mut names: Vec<&str> = set.class_names.iter().flatten().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["ape", "bee", "cat", "dog"]);
}

#[test]
fn an_unsplit_folder_gives_a_share_to_the_test() {
    let folder = tempfile::tempdir().unwrap();
    write_classes(&folder.path().join("images"), 10, 0);
    let set = spec().load(folder.path()).unwrap();
    assert_eq!(counts(&set), [32, 8, 0]);
    let other = MinMtlSpec { seed: 1, ..spec() }.load(folder.path()).unwrap();
    assert_ne!(set.fingerprint(), other.fingerprint());
}

#[test]
fn images_of_many_sizes_need_a_side() {
    let folder = tempfile::tempdir().unwrap();
    write_classes(folder.path(), 3, 0);
    let odd = folder.path().join("cat/odd.PNG");
    fs::write(&odd, files::png(&files::pixels(0, 27), 3, 3)).unwrap();
    let text = spec().load(folder.path()).err().unwrap().to_string();
    assert!(text.contains("odd.PNG") && text.contains("found 3×3×3"), "{text}");
    let set = MinMtlSpec { side: Some(4), ..spec() }.load(folder.path()).unwrap();
    assert_eq!((set.shape.height, set.shape.width, set.images()), (4, 4, 13));
}

#[test]
fn all_faulty_images_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    write_classes(folder.path(), 2, 0);
    for class in ["ape", "dog"] {
        fs::write(folder.path().join(class).join("broken.jpg"), b"nothing").unwrap();
    }
    let classes = image_folder::classes(folder.path()).unwrap();
    let errors = image_folder::read(folder.path(), &classes, None).unwrap_err();
    assert_eq!(errors.as_slice().len(), 2, "{errors}");
}

#[test]
fn missing_folders_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = spec().load(folder.path()).err().unwrap().to_string();
    assert!(text.contains("./train/<class>/*.png") && text.contains("images/<class>"), "{text}");
    let many = MinMtlSpec { tasks: 3, ..spec() };
    write_classes(folder.path(), 2, 0);
    let text = many.load(folder.path()).err().unwrap().to_string();
    assert!(text.contains("3 tasks of 2 classes") && text.contains("at most 4"), "{text}");
}
