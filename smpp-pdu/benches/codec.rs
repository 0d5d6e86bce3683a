//! Time per PDU: decode and encode of submit_sm, and of the mixed stream. `cargo bench -p smpp-pdu --bench codec`.
//!
//! Time on a shared machine wanders; what is held to a budget is instructions (`icount.rs`).

mod traffic;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use smpp_pdu::{MAX_PDU, Pdu, next_frame};
use std::hint::black_box;
use traffic::{CODEC, frames};

fn codec(c: &mut Criterion) {
    for case in ["submit_sm", "stream"] {
        let (octets, count) = frames(case);
        let mut group = c.benchmark_group(case);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function("decode", |b| {
            b.iter(|| {
                let mut input = black_box(&octets[..]);
                while let Ok(Some(frame)) = next_frame(&mut input, MAX_PDU) {
                    black_box(&CODEC.decode(frame).unwrap());
                }
            });
        });
        let mut input = &octets[..];
        let mut values = Vec::new();
        while let Ok(Some(frame)) = next_frame(&mut input, MAX_PDU) {
            values.push(CODEC.decode(frame).unwrap());
        }
        let mut room = vec![0; octets.len()];
        group.bench_function("encode", |b| {
            b.iter(|| {
                let mut at = 0;
                for value in black_box(&values) {
                    let pdu: &Pdu<&[u8]> = &value.pdu;
                    at += CODEC.encode_to(value.header, pdu, &mut room[at..]).unwrap();
                }
                at
            });
        });
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
