//! Sixteen `f32` lanes in two AVX2 registers.

use std::arch::x86_64::{
    __m256, __m256i, _CMP_EQ_OQ, _CMP_GT_OQ, _CMP_LE_OQ, _CMP_UNORD_Q, _mm_loadu_si128,
    _mm_packus_epi16, _mm_srli_si128, _mm_storeu_si128, _mm256_add_ps, _mm256_blendv_ps,
    _mm256_castsi256_si128, _mm256_cmp_ps, _mm256_cmpgt_epi32, _mm256_cvtepi32_ps,
    _mm256_cvtepu8_epi32, _mm256_cvttps_epi32, _mm256_extracti128_si256, _mm256_fmadd_ps,
    _mm256_loadu_ps, _mm256_maskload_ps, _mm256_maskstore_ps, _mm256_mul_ps, _mm256_or_ps,
    _mm256_packs_epi32, _mm256_permute2f128_ps, _mm256_permute4x64_epi64, _mm256_set1_epi32,
    _mm256_set1_ps, _mm256_setr_epi32, _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_sub_ps,
};

use super::super::{Kernel, LANES, Lanes};

#[derive(Clone, Copy)]
struct Avx2(__m256, __m256);

// SAFETY of every block: `Avx2` is private to this file and only `with_avx2` names it, whose
// caller vouches for the instructions; every method is inlined into it. Pointers are vouched for by
// the trait's own contract, and references to arrays of sixteen are long enough.
impl Lanes<f32> for Avx2 {
    const WIDE: bool = false;

    type Mask = Self;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: see above.
        let one = unsafe { _mm256_set1_ps(value) };
        Self(one, one)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        // SAFETY: see above; masked lanes are not touched, nor their addresses formed.
        unsafe {
            let (low, high) = masks(count);
            Self(_mm256_maskload_ps(from, low), _mm256_maskload_ps(from.wrapping_add(8), high))
        }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: as in `load_first`.
        unsafe {
            let (low, high) = masks(count);
            _mm256_maskstore_ps(to, low, self.0);
            _mm256_maskstore_ps(to.wrapping_add(8), high, self.1);
        }
    }

    #[inline(always)]
    fn get_bytes(from: &[u8; LANES]) -> Self {
        // SAFETY: see above.
        unsafe {
            let bytes = _mm_loadu_si128(from.as_ptr().cast());
            let upper = _mm_srli_si128::<8>(bytes);
            Self(
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)),
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(upper)),
            )
        }
    }

    #[inline(always)]
    fn put_bytes(self, to: &mut [u8; LANES]) {
        // SAFETY: see above.
        unsafe {
            let (a, b) = (_mm256_cvttps_epi32(self.0), _mm256_cvttps_epi32(self.1));
            // Packing works within halves of 128 bits; the permutation undoes that.
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(a, b));
            let halves = (_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            let bytes = _mm_packus_epi16(halves.0, halves.1);
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: see above.
        unsafe { Self(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            Self(_mm256_fmadd_ps(self.0, factor.0, sum.0), _mm256_fmadd_ps(self.1, factor.1, sum.1))
        }
    }

    #[inline(always)]
    fn above(self, other: Self) -> Self::Mask {
        // SAFETY: see above.
        unsafe {
            let above = |a, b| {
                let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a);
                _mm256_or_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(a, b), nan)
            };
            Self(above(self.0, other.0), above(self.1, other.1))
        }
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> Self::Mask {
        // SAFETY: see above.
        unsafe {
            Self(
                _mm256_cmp_ps::<_CMP_LE_OQ>(self.0, other.0),
                _mm256_cmp_ps::<_CMP_LE_OQ>(self.1, other.1),
            )
        }
    }

    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        // SAFETY: see above.
        unsafe {
            Self(
                _mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, other.0),
                _mm256_cmp_ps::<_CMP_EQ_OQ>(self.1, other.1),
            )
        }
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            Self(_mm256_blendv_ps(no.0, yes.0, mask.0), _mm256_blendv_ps(no.1, yes.1, mask.1))
        }
    }

    #[inline(always)]
    fn sums(of: &[Self; LANES]) -> Self {
        // SAFETY: see above.
        unsafe { Self(sums_of_eight(&of[..8]), sums_of_eight(&of[8..])) }
    }
}

/// The sums of eight vectors.
///
/// # Safety
///
/// The machine must have AVX2, and `of` eight vectors.
#[inline(always)]
unsafe fn sums_of_eight(of: &[Avx2]) -> __m256 {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let a = fold2(fold4(of, 0), fold4(of, 1));
        let b = fold2(fold4(of, 2), fold4(of, 3));
        let even = _mm256_shuffle_ps::<0b10_00_10_00>(a, b);
        _mm256_add_ps(even, _mm256_shuffle_ps::<0b11_01_11_01>(a, b))
    }
}

/// Folds vectors j and 4 + j twice: half i has four partial sums of vector 4i + j.
///
/// # Safety
///
/// The machine must have AVX2, and `of` eight vectors; j is below 4.
#[inline(always)]
unsafe fn fold4(of: &[Avx2], j: usize) -> __m256 {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let (a, b) = (of[j], of[4 + j]);
        let (a, b) = (_mm256_add_ps(a.0, a.1), _mm256_add_ps(b.0, b.1));
        let low = _mm256_permute2f128_ps::<0x20>(a, b);
        _mm256_add_ps(low, _mm256_permute2f128_ps::<0x31>(a, b))
    }
}

/// Each half of each vector folded in the middle, side by side.
///
/// # Safety
///
/// The machine must have AVX2.
#[inline(always)]
unsafe fn fold2(a: __m256, b: __m256) -> __m256 {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let low = _mm256_shuffle_ps::<0b01_00_01_00>(a, b);
        _mm256_add_ps(low, _mm256_shuffle_ps::<0b11_10_11_10>(a, b))
    }
}

/// Masks of the first `count` lanes of two registers.
///
/// # Safety
///
/// The machine must have AVX2.
#[inline(always)]
unsafe fn masks(count: usize) -> (__m256i, __m256i) {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let count = _mm256_set1_epi32(count as i32);
        let low = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let high = _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15);
        (_mm256_cmpgt_epi32(count, low), _mm256_cmpgt_epi32(count, high))
    }
}

/// Runs a kernel compiled for AVX2 and FMA.
///
/// # Safety
///
/// The machine must have them.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn with_avx2<K: Kernel<f32>>(kernel: K) {
    kernel.run::<Avx2>();
}
