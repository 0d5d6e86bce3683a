//! Texts beside bounds of their own: a plain walk over a table, an octet a step, and a copy of the same octets.
//! `cargo bench -p smpp-pdu --bench text` prints times; what is held to a budget is instructions (`icount.rs`).

mod texts;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use texts::{CASES, Case};

fn texts(c: &mut Criterion) {
    for name in CASES {
        let case = Case::new(name);
        let mut group = c.benchmark_group("text");
        group.throughput(Throughput::Bytes(case.octets() as u64));
        group.bench_function(name, |b| b.iter(|| black_box(&case).run()));
    }
}

criterion_group!(benches, texts);
criterion_main!(benches);
