//! Run-time choice of the vector unit: the same arithmetic, compiled twice.
//!
//! A [`Kernel`] must give the same bits whatever the unit: explicit lanes, no fused multiply-add,
//! no reassociation. AVX2 alone allows none of those to the compiler.

/// A loop over pixels. `run` and all it calls must be marked `#[inline(always)]`: only what is
/// inlined is compiled for the wider unit.
pub trait Kernel {
    /// Result of the computation.
    type Output;

    /// Computes it.
    fn run(self) -> Self::Output;
}

/// Runs a kernel compiled for AVX2 where the processor has it, for the target's baseline otherwise
/// (SSE2, NEON, simd128).
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code, reason = "a safe form gives up half the speed of every pixel loop")]
        // SAFETY: `with_avx2` needs AVX2, which was found just now.
        return unsafe { with_avx2(kernel) };
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
