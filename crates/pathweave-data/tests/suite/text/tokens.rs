//! Raw sentences to words.

use pathweave_data::text::{respace, tokenise};
use proptest::prelude::*;

#[test]
fn sentences_are_split_as_a_treebank_has_them() {
    for (sentence, words) in [
        (
            "All ten guys that proved to boast were divorcing.",
            "All ten guys that proved to boast were divorcing .",
        ),
        (
            "The U.S. didn't pay Mr. Smith $1,000.50, at 8:56!",
            "The U.S. did n't pay Mr. Smith $ 1,000.50 , at 8:56 !",
        ),
        (
            "It’s “the dogs’ bowl” (not John's)...",
            "It 's \" the dogs ' bowl \" ( not John 's ) ...",
        ),
        ("well--you know;maybe I can't, cannot", "well -- you know ; maybe I ca n't , can not"),
        ("they 're here , are n't they ?", "they 're here , are n't they ?"),
        ("a.m. he said: \"50% off-season\"", "a.m. he said : \" 50 % off-season \""),
        ("see http://a.b/c?d=1,e", "see http://a.b/c?d=1,e"),
        ("  n/a \t x\u{a0}y ", "n/a x y"),
        ("shouldn't've", "should n't 've"),
        ("%%'s]", "% % 's ]"),
        ("", ""),
        ("...", "..."),
        ("' '' \"", "' ' ' \""),
    ] {
        assert_eq!(tokenise(sentence), words);
    }
    assert_eq!(respace(" the cat's  jaws.\t"), "the cat's jaws.");
}

proptest! {
    #[test]
    fn nothing_is_lost_and_words_stay(sentence in "[ -~]{0,40}", other in any::<String>()) {
        let words = tokenise(&sentence);
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(bare(&words), bare(&sentence));
        prop_assert_eq!(tokenise(&words), words);
        let words = tokenise(&other);
        prop_assert!(words.split(' ').all(|word| !word.is_empty()) || words.is_empty());
        prop_assert_eq!(tokenise(&words), words);
    }
}
