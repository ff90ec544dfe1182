//! Sixteen `f32` lanes in one AVX-512 register.

use std::arch::x86_64::{
    __m512, __mmask16, _CMP_EQ_OQ, _CMP_GT_OQ, _CMP_LE_OQ, _CMP_UNORD_Q, _mm_loadu_si128,
    _mm_storeu_si128, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_cvtepi32_epi8, _mm512_cvtepi32_ps,
    _mm512_cvtepu8_epi32, _mm512_cvttps_epi32, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_mask_blend_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_mul_ps,
    _mm512_set1_ps, _mm512_shuffle_f32x4, _mm512_shuffle_ps, _mm512_storeu_ps, _mm512_sub_ps,
};

use super::super::{Kernel, LANES, Lanes};

#[derive(Clone, Copy)]
struct Avx512(__m512);

// SAFETY of every block: `Avx512` is private to this file and only `with_avx512` names it, whose
// caller vouches for the instructions; every method is inlined into it. Pointers are vouched for by
// the trait's own contract, and references to arrays of sixteen are long enough.
impl Lanes<f32> for Avx512 {
    const WIDE: bool = true;

    type Mask = __mmask16;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        // SAFETY: see above; lanes outside the mask are not touched.
        Self(unsafe { _mm512_maskz_loadu_ps(first(count), from) })
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: as in `load_first`.
        unsafe { _mm512_mask_storeu_ps(to, first(count), self.0) }
    }

    #[inline(always)]
    fn get_bytes(from: &[u8; LANES]) -> Self {
        // SAFETY: see above.
        unsafe {
            let bytes = _mm_loadu_si128(from.as_ptr().cast());
            Self(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)))
        }
    }

    #[inline(always)]
    fn put_bytes(self, to: &mut [u8; LANES]) {
        // SAFETY: see above.
        unsafe {
            let bytes = _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(self.0));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    fn above(self, other: Self) -> Self::Mask {
        // SAFETY: see above.
        unsafe {
            _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0)
                | _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0)
        }
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> Self::Mask {
        // SAFETY: see above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        // SAFETY: see above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm512_mask_blend_ps(mask, no.0, yes.0) })
    }

    #[inline(always)]
    fn sums(of: &[Self; LANES]) -> Self {
        // SAFETY: see above.
        unsafe {
            let a = fold2(fold4(of, 0), fold4(of, 1));
            let b = fold2(fold4(of, 2), fold4(of, 3));
            let even = _mm512_shuffle_ps::<0b10_00_10_00>(a, b);
            Self(_mm512_add_ps(even, _mm512_shuffle_ps::<0b11_01_11_01>(a, b)))
        }
    }
}

/// A mask of the first `count` lanes.
#[inline(always)]
fn first(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}

/// Folds vectors j, 4 + j, 8 + j, 12 + j twice: quarter i has four partial sums of vector 4i + j.
///
/// # Safety
///
/// The machine must have AVX-512 F, and j be below 4.
#[inline(always)]
unsafe fn fold4(of: &[Avx512; LANES], j: usize) -> __m512 {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let (a, b) = (halves(of[j].0, of[4 + j].0), halves(of[8 + j].0, of[12 + j].0));
        let even = _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b);
        _mm512_add_ps(even, _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b))
    }
}

/// Each vector folded in the middle, side by side.
///
/// # Safety
///
/// The machine must have AVX-512 F.
#[inline(always)]
unsafe fn halves(a: __m512, b: __m512) -> __m512 {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let low = _mm512_shuffle_f32x4::<0b01_00_01_00>(a, b);
        _mm512_add_ps(low, _mm512_shuffle_f32x4::<0b11_10_11_10>(a, b))
    }
}

/// Each quarter of each vector folded in the middle, side by side.
///
/// # Safety
///
/// The machine must have AVX-512 F.
#[inline(always)]
unsafe fn fold2(a: __m512, b: __m512) -> __m512 {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let low = _mm512_shuffle_ps::<0b01_00_01_00>(a, b);
        _mm512_add_ps(low, _mm512_shuffle_ps::<0b11_10_11_10>(a, b))
    }
}

/// Runs a kernel compiled for AVX-512 F, BW, DQ and VL, AVX2 and FMA.
///
/// # Safety
///
/// The machine must have them.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
pub unsafe fn with_avx512<K: Kernel<f32>>(kernel: K) {
    kernel.run::<Avx512>();
}
