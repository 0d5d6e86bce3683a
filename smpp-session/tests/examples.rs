//! The examples show what they say: each asserts it.

#![allow(clippy::duplicate_mod)] // each is a program of its own

#[path = "../examples/interceptor.rs"]
mod interceptor;
#[path = "../examples/seqpacket.rs"]
mod seqpacket;
#[path = "../examples/std_sockets.rs"]
mod std_sockets;

#[test]
fn over_blocking_sockets() {
    std_sockets::main();
}

#[test]
fn over_sequenced_packets() {
    seqpacket::main();
}

#[test]
fn through_an_interceptor() {
    interceptor::main();
}
