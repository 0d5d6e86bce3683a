//! Stories of sessions under a fake clock: no socket, no task, nothing that sleeps.

mod bind;
mod bounded;
mod chapter;
mod congestion;
mod edge;
mod field;
mod flow;
mod free;
mod inactivity;
mod model;
mod outcome;
mod pair;
mod pause;
mod permissions;
mod refuse;
mod retry;
mod rules;
mod status;
mod timer;
mod transitions;
mod unbind;
mod vendor;
mod window;
mod wire;
